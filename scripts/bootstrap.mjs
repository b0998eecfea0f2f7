// Runs before any package is installed, on any Node from 20 on: modules of Node only.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = 20;
const PACKAGES = join(ROOT, "node_modules");
/** The runtime that package.json names, whatever Node the machine has. */
const RUNTIME = join(PACKAGES, "node/bin/node");

/**
 * Installs the packages if they are not those of the lock file, and goes on in the project's own runtime.
 * Returns in that runtime only: the process that came first waits for the one that does the work and ends as it ends.
 */
export async function bootstrap(scriptUrl) {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    fail(`Node ${process.versions.node} is too old: Node ${OLDEST_NODE} or newer is needed.`);
  }
  installPackages();
  if (process.execPath !== realpathSync(RUNTIME)) {
    await continueInRuntime(fileURLToPath(scriptUrl));
  }
}

function installPackages() {
  if (packagesAreInstalled()) {
    return;
  }
  const release = lockInstallation();
  try {
    if (!packagesAreInstalled()) {
      console.log("packages: installing (npm ci) …");
      const { status } = spawnSync(
        "npm",
        ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"],
        {
          cwd: ROOT,
          stdio: ["ignore", "inherit", "inherit"],
        },
      );
      if (status !== 0) {
        fail("npm ci failed: see above.");
      }
    }
    provideRuntime();
  } finally {
    release();
  }
}

/** What npm wrote down about the installed tree has to agree with the lock file; packages of other platforms may be absent. */
function packagesAreInstalled() {
  try {
    const wanted = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
    const installed = JSON.parse(readFileSync(join(PACKAGES, ".package-lock.json"), "utf8")).packages;
    return (
      existsSync(RUNTIME) &&
      Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
        const found = installed[path];
        return path === "" || (found ? found.version === version : Boolean(optional || devOptional));
      })
    );
  } catch {
    return false;
  }
}

/** The package `node` fetches its binary in an install script; where npm does not run those, it is run here. */
function provideRuntime() {
  if (!existsSync(RUNTIME)) {
    spawnSync(process.execPath, ["installArchSpecificPackage.js"], {
      cwd: join(PACKAGES, "node"),
      stdio: "inherit",
    });
  }
  if (!existsSync(RUNTIME)) {
    fail("The package `node` brought no runtime for this platform (node_modules/node/bin/node is missing).");
  }
}

/** Two commands that start at once on a fresh clone install once. */
function lockInstallation() {
  const lock = join(ROOT, ".install.lock");
  for (let waited = false; ; ) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") {
        throw error;
      }
    }
    if (holderIsGone(join(lock, "pid"))) {
      rmSync(lock, { recursive: true, force: true });
    } else if (!waited) {
      console.log("packages: another command is installing them, waiting …");
      waited = true;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function holderIsGone(pidFile) {
  try {
    process.kill(Number(readFileSync(pidFile, "utf8")) || process.pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

async function continueInRuntime(script) {
  const child = spawn(RUNTIME, [...process.execArgv, script, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: `${join(PACKAGES, ".bin")}${delimiter}${process.env.PATH ?? ""}`,
    },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  const { code, signal } = await new Promise((done) => {
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => done({ code, signal }));
  });
  process.exit(signal ? 128 + constants.signals[signal] : code);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
