import { expect, test } from "vitest";
import { type Address, bareUrl, Origin } from "./address.ts";

const ROOT = new URL("http://registry.example:5000");
const PARTS = ["protocol", "hostname", "port", "host", "origin", "pathname", "search", "href"] as const;
const partsOf = (address: Address) => PARTS.map((part) => address[part]);

test.each([
  "/v2/",
  "/v2/team/app/manifests/v1.2.3",
  "/v2/team/app_x/a--b/manifests/_tag.",
  `/v2/app/blobs/sha256:${"0a".repeat(32)}`,
  "/v2/app/tags/list?n=1000&last=%2F a",
  "/v2/app/blobs/uploads/?mount=sha256%3A0a&from=team%2Fapp",
  "/v2/app?",
  "/v2/app?'\"<>",
  "/v2/app?a?b",
  "/v2/app/../../etc/passwd",
  "/v2/./app",
  "/v2//app",
  "/v2/a b/ü%2e%2e/\\x",
  "/v2/app#fragment",
  "/v2/app\n",
  "//elsewhere.example/v2/",
  "https://elsewhere.example/v2/",
  "v2/app",
  "",
])("%j is the address that a URL of it is", (path) => {
  const address = new Origin(ROOT).at(path);
  expect(partsOf(address)).toEqual(partsOf(new URL(path, ROOT)));
});

test("only a path in which nothing is to be read needs no URL", () => {
  const origin = new Origin(ROOT);
  expect(origin.at("/v2/app/manifests/v1")).not.toBeInstanceOf(URL);
  for (const path of ["/v2/a/../b", "/v2//b", "/v2/a? b", "/v2/a?", "/v2/a%2fb", "/v2/app\n", "//b/c"]) {
    expect(origin.at(path)).toBeInstanceOf(URL);
  }
});

test("a message names no query", () => {
  expect(bareUrl(new URL("https://u:p@host:1/a/b?c=d#e"))).toBe("https://host:1/a/b");
});
