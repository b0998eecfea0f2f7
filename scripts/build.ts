import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./root.ts";
import { StartError } from "./stack/data-folder.ts";

/** What a build is made from; tests are not. */
const SOURCES = [
  "{app,components,lib,messages,public}/**/*.{ts,tsx,css,json,svg,png,ico,woff2}",
  "*.{ts,js,mjs}",
  "scripts/icons/*.mjs",
  "{package-lock,tsconfig}.json",
];
const NOT_SOURCES =
  /\.test\.tsx?$|^lib\/testing\/|^next-env\.d\.ts$|^(?:vitest|playwright|drizzle)\.config\.ts$/;

const STAMP = join(ROOT, ".next/lockstep-build");
/** `next build` keeps the folder `cache`. */
const KEY_FILE = join(ROOT, ".next/cache/lockstep-actions.key");
/** What the compiler remembers of earlier builds. */
const MEMORY = join(ROOT, ".next/cache/turbopack");

/**
 * The key by which Next seals what server actions close over and salts their ids. Builds that serve one console
 * need the same one: set NEXT_SERVER_ACTIONS_ENCRYPTION_KEY then. Otherwise it is made once a checkout.
 */
export function actionsKey(): string {
  if (process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY) {
    return process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY;
  }
  if (!existsSync(KEY_FILE)) {
    mkdirSync(dirname(KEY_FILE), { recursive: true });
    writeFileSync(KEY_FILE, randomBytes(32).toString("base64"), { mode: 0o600 });
  }
  return readFileSync(KEY_FILE, "utf8").trim();
}

function sourcesHash(): string {
  const hash = createHash("sha256").update(actionsKey());
  const files = globSync(SOURCES, { cwd: ROOT }).filter((path) => !NOT_SOURCES.test(path));
  for (const path of files.sort()) {
    hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex");
}

/**
 * Builds the console for production unless the last build is of the same sources.
 * @throws {StartError} with the end of the compiler's output
 */
export async function ensureBuild(say: (line: string) => void): Promise<void> {
  const wanted = sourcesHash();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) {
    return;
  }
  const startedAt = performance.now();
  say("console: building …");
  const { code, output } = await build(say);
  if (code !== 0) {
    throw new StartError(`The console does not build:\n${output.trim().split("\n").slice(-40).join("\n")}`);
  }
  writeFileSync(STAMP, wanted);
  say(`console: built in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

interface Built {
  code: number | null;
  output: string;
}

/**
 * A compiler that once met half an installation (`npm ci` beside it) remembers that a file is missing, and fails ever after. So a
 * build that fails is made once more from nothing before it is said to fail.
 */
async function build(say: (line: string) => void): Promise<Built> {
  const remembers = existsSync(MEMORY);
  const built = await nextBuild();
  if (built.code === 0 || !remembers) {
    return built;
  }
  rmSync(MEMORY, { recursive: true, force: true });
  say("console: building once more, from nothing …");
  return await nextBuild();
}

function nextBuild(): Promise<Built> {
  const child = spawn(process.execPath, [join(ROOT, "node_modules/next/dist/bin/next"), "build"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: actionsKey(),
    },
  });
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code, output }));
  });
}
