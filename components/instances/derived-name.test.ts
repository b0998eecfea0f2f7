import { expect, test } from "vitest";
import { derivedName } from "./derived-name.ts";

test.each([
  ["", ""],
  ["https://", ""],
  ["https://registry.sh.example.com", "sh.example.com"],
  ["harbor.corp.example:8443/", "corp.example:8443"],
  // What is left must still say where it is.
  ["registry.example", "registry.example"],
  ["http://127.0.0.1:5000", "127.0.0.1:5000"],
  ["localhost:5000", "localhost:5000"],
])("%s is named %s", (address, name) => {
  expect(derivedName(address)).toBe(name);
});
