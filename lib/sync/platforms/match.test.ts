import { expect, test } from "vitest";
import { isForPlatform, platformOfConfig } from "./match.ts";

test.each([
  ["linux/amd64", { os: "linux", architecture: "amd64" }, true],
  ["linux/amd64", { os: "windows", architecture: "amd64", "os.version": "10.0.1" }, false],
  ["linux/arm", { os: "linux", architecture: "arm", variant: "v6" }, true],
  ["linux/arm/v7", { os: "linux", architecture: "arm", variant: "v6" }, false],
  ["linux/arm/v7", { os: "linux", architecture: "arm" }, true],
  ["linux/arm64/v8", { os: "linux", architecture: "arm64" }, true],
  ["linux/arm64", { os: "linux", architecture: "arm64", variant: "v8" }, true],
  ["linux/amd64/v3", { os: "linux", architecture: "amd64" }, false],
  ["linux/amd64/v3", { os: "linux", architecture: "amd64", variant: "v3" }, true],
  ["linux/amd64", { os: "unknown", architecture: "unknown" }, false],
])("%s asked, %j: %s", (name, platform, expected) => {
  expect(isForPlatform(["plan9/mips", name], platform)).toBe(expected);
});

test.each([
  ['{"os":"linux","architecture":"arm","variant":"v7"}', { os: "linux", architecture: "arm", variant: "v7" }],
  ['{"os":"linux","architecture":"amd64","variant":7}', { os: "linux", architecture: "amd64" }],
  ['{"os":"linux"}', null],
  ['{"os":"","architecture":""}', null],
  ["null", null],
  ["[]", null],
  ["no json", null],
])("an image config %s", (text, expected) => {
  expect(platformOfConfig(Buffer.from(text))).toEqual(expected);
});
