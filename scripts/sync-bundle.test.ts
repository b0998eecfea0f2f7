import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
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

test("a run leaves what it compiled, and the next one with the same flags takes it", async () => {
  const file = await syncBundle(folder);
  const empty = createServer((_request, response) => void response.end('{"repositories":[]}'));
  await new Promise<void>((resolve) => empty.listen(0, "127.0.0.1", resolve));
  const address = empty.address();
  const registry = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const ends = ["--source", registry, "--source-namespace", "n", "--target", registry];
  const plain = ["--source-plain-http", "--target-plain-http", "--target-namespace", "m", "--no-cache"];
  const run = () => promisify(execFile)(process.execPath, [...SYNC_FLAGS, file, ...ends, ...plain, "--json"]);
  try {
    const first = await run();
    expect(JSON.parse(first.stdout)).toMatchObject({ repositories: 0, failed: 0 });
    const kept = join(dirname(file), "sync.compiled");
    const { ino, size } = statSync(kept);
    expect(size).toBeGreaterThan(10_000);
    await run();
    expect(statSync(kept).ino).toBe(ino);
    // What is no such thing is made anew.
    writeFileSync(kept, "damaged");
    await run();
    expect(statSync(kept).size).toBeGreaterThan(10_000);
  } finally {
    empty.close();
  }
});

test("npm run sync starts Node with the flags that the command wants", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(scripts.sync).toBe(["node", ...SYNC_FLAGS, "scripts/sync.mjs"].join(" "));
});
