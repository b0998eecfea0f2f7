import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HELP } from "../lib/cli/arguments.ts";
import { ROOT } from "./root.ts";
import { SYNC_FLAGS, syncBundle } from "./sync-bundle.mjs";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockstep-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the command as one file does what its modules do, and is made anew when one of them has changed", async () => {
  const first = await syncBundle(folder);
  expect(execFileSync(process.execPath, [first, "--help"], { encoding: "utf8" })).toBe(HELP);
  // Somebody may be editing modules while this runs: then it is made again until nobody does.
  let standing = "";
  await expect
    .poll(async () => {
      const before = standing;
      standing = await syncBundle(folder);
      return standing === before;
    })
    .toBe(true);
  const index = join(folder, "index.json");
  const marks = JSON.parse(readFileSync(index, "utf8"));
  expect(Object.keys(marks.inputs)).toEqual(
    expect.arrayContaining(["lib/cli/sync.ts", "lib/registry/transport.ts"]),
  );
  marks.inputs["lib/cli/sync.ts"] = "another one";
  writeFileSync(index, JSON.stringify(marks));
  expect(await syncBundle(folder)).not.toBe(standing);
});

test("npm run sync starts Node with the flags that the command wants", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(scripts.sync).toBe(["node", ...SYNC_FLAGS, "scripts/sync.mjs"].join(" "));
});
