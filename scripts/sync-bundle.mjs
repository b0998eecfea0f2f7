// The command as one file, made from its modules when one of them has changed: Node strips types and reads files for a quarter of a
// second at each start otherwise, as long as a comparison with nothing to do takes.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENTRY = join(ROOT, "lib/cli/sync.ts");
/** What npm installed: the packages in the file are those. */
const PACKAGES = "node_modules/.package-lock.json";
const CACHE = join(ROOT, "node_modules/.cache/lockstep/sync");
/** Runs that began with an older file have ended by then. */
const KEEP_MS = 24 * 3_600_000;

/**
 * For the process that runs the file. What is compiled is compiled by the thread that runs it: one beside it may keep the process from
 * ever ending (lib/cli/sync.ts), and gains nothing where the registries want every processor. A young generation that is large from the start, and grows no further, costs no memory that it
 * would not take within a second, and a quarter of the collector's copies; V8 heeds it on the command line alone. package.json says the
 * same of `npm run sync`.
 */
export const SYNC_FLAGS = [
  ...["--min-semi-space-size=16", "--max-semi-space-size=16"],
  ...["--no-concurrent-recompilation", "--no-concurrent-sparkplug"],
];

/** Names stay, so that a stack tells where something went wrong. */
const READABLE = { compress: true, mangle: false, codegen: true };

/**
 * What V8 made of the file is kept beside it, with the functions that a run has used: Node's own cache (`enableCompileCache`) is of what
 * was read and not yet run. CommonJS, which Node reads within 10 ms less than modules.
 */
const RUN = `"use strict";
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { Script, constants } = require("node:vm");
const filename = __dirname + "/sync.cjs";
const kept = __dirname + "/sync.compiled";
let cachedData;
try {
  cachedData = readFileSync(kept);
} catch {}
const text = "(function (exports, require, module, __filename, __dirname) {" + readFileSync(filename, "utf8") + "\\n})";
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
const script = new Script(text, { filename, cachedData, importModuleDynamically });
if (!cachedData || script.cachedDataRejected) {
  // What has not been used for a while would be forgotten. Flags are told by what is kept: they are to be those of other runs again.
  const { setFlagsFromString } = require("node:v8");
  setFlagsFromString("--no-flush-bytecode");
  process.once("exit", (status) => {
    if (status === 0 && !process.argv.includes("--help")) {
      setFlagsFromString("--flush-bytecode");
      try {
        writeFileSync(kept + process.pid, script.createCachedData());
        renameSync(kept + process.pid, kept);
      } catch {}
    }
  });
}
const loaded = new module.constructor(filename, module);
loaded.filename = filename;
require.cache[filename] = loaded;
script.runInThisContext()(loaded.exports, (id) => loaded.require(id), loaded, filename, __dirname);
`;

/**
 * @param folder where it is kept
 * @returns the path of a module that runs the command when it is imported
 */
export async function syncBundle(folder = CACHE) {
  const index = join(folder, "index.json");
  return standing(index) ?? (await build(folder, index));
}

/** The file that was made last, if everything it was made from is as it was. */
function standing(index) {
  try {
    const { file, inputs } = JSON.parse(readFileSync(index, "utf8"));
    const same = Object.entries(inputs).every(([path, mark]) => markOf(path) === mark);
    return same && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

function markOf(path) {
  const { size, mtimeMs } = statSync(join(ROOT, path));
  return `${size} ${mtimeMs}`;
}

async function build(folder, index) {
  const { rolldown } = await import("rolldown");
  mkdirSync(folder, { recursive: true });
  forgetOld(folder);
  const startedMs = Date.now();
  const name = `sync-${process.pid}-${startedMs}`;
  const bundle = await rolldown({ input: ENTRY, platform: "node", cwd: ROOT, logLevel: "silent" });
  try {
    const dir = join(folder, name);
    const names = { entryFileNames: "sync.cjs", chunkFileNames: "[name]-[hash].cjs" };
    await bundle.write({ dir, format: "cjs", ...names, minify: READABLE });
    const paths = (await bundle.watchFiles).filter(
      (path) => isAbsolute(path) && !path.includes("node_modules"),
    );
    const inputs = [...paths.map((path) => relative(ROOT, path)), PACKAGES];
    const file = join(dir, "run.cjs");
    writeFileSync(file, RUN);
    // What somebody has just saved may have been read before or after: the next start makes it once more.
    if (inputs.every((path) => statSync(join(ROOT, path)).mtimeMs < startedMs)) {
      const marks = Object.fromEntries(inputs.map((path) => [path, markOf(path)]));
      writeFileSync(join(dir, "index.json"), JSON.stringify({ file, inputs: marks }));
      renameSync(join(dir, "index.json"), index);
    }
    return file;
  } finally {
    await bundle.close();
  }
}

function forgetOld(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith("sync-") && Date.now() - statSync(path).mtimeMs > KEEP_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
