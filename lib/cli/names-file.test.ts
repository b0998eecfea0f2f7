import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MEDIA } from "../testing/content.ts";
import { parseArguments } from "./arguments.ts";
import { cacheFolderOf } from "./cache-folder.ts";
import { openNames } from "./names-file.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lockstep-names-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const ENDS = ["--source", "https://a.test", "--source-namespace", "team", "--target", "https://b.test:5000"];
const named = { mediaType: MEDIA.manifest, digest: `sha256:${"a".repeat(64)}`, size: 7 };

async function opened(more: string[] = [], env: Record<string, string> = { XDG_CACHE_HOME: home }) {
  const options = await parseArguments([...ENDS, ...more], env);
  return options === "help" ? undefined : openNames(options);
}

/** Every file below the home, by its path there. */
const files = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

async function rememberOne(more: string[] = []): Promise<void> {
  const file = await opened(more);
  file?.names.keep("team/app", "v1", named);
  file?.save();
}

const known = async (more: string[] = []) => (await opened(more))?.names.of("team/app", "v1");

test("a run remembers for the next one between the same places, for nobody else to read", async () => {
  expect(await known()).toBeUndefined();
  await rememberOne();
  expect(await known()).toEqual(named);
  const [path = "", ...others] = files();
  expect(others).toEqual([]);
  expect(path.startsWith(join(home, "lockstep", "names"))).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, "lockstep")).mode & 0o777).toBe(0o700);
  expect(await known(["--target-namespace", "other"])).toBeUndefined();
});

test("what is as it was is not written again", async () => {
  await rememberOne();
  const [path = ""] = files();
  const { ino } = statSync(path);
  await rememberOne();
  expect(statSync(path).ino).toBe(ino);
});

test.each([
  ["--no-cache", ["--no-cache"]],
  ["a choice of platforms, of which the ends do not name the same", ["--platform", "linux/amd64"]],
  ["names too long for a file", ["--target-namespace", Array.from({ length: 60 }, () => "n").join("/")]],
])("nothing is remembered: %s", async (_what, more) => {
  await rememberOne(more);
  expect(files()).toEqual([]);
  expect(await opened(more)).toBeUndefined();
});

test("a damaged file is as if there were none, and is replaced", async () => {
  await rememberOne();
  const [path = ""] = files();
  writeFileSync(path, "{");
  expect(await known()).toBeUndefined();
  await rememberOne();
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ types: [MEDIA.manifest] });
});

test("where nothing can be written a run is as before", async () => {
  const taken = join(home, "file");
  writeFileSync(taken, "");
  chmodSync(taken, 0o400);
  const file = await opened([], { XDG_CACHE_HOME: taken });
  file?.names.keep("team/app", "v1", named);
  expect(file?.save()).toBeUndefined();
  expect(files()).toEqual([taken]);
});

test.each([
  [{ XDG_CACHE_HOME: "/var/cache", HOME: "/root" }, "/var/cache/lockstep"],
  [{ HOME: "/root" }, "/root/.cache/lockstep"],
  [{ XDG_CACHE_HOME: "relative", HOME: "/root" }, "/root/.cache/lockstep"],
  [{}, null],
])("%j: %s", (env, folder) => {
  expect(cacheFolderOf(env)).toBe(folder);
});
