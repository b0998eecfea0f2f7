import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import { removeEmbeddedPostgres } from "../lib/db/embedded.ts";

const ROOT = join(import.meta.dirname, "..");
const DATA = join(ROOT, ".test/start");
const SECRET_FILE_MODE = 0o600;

interface Start {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | null>;
  /** The rest of the first line that begins so. */
  line(beginning: string): Promise<string>;
}

function start(env: Record<string, string> = {}): Start {
  const child = spawn(process.execPath, [join(ROOT, "scripts/start.mjs")], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      LOCKSTEP_DATA: DATA,
      PORT: "0",
      DATABASE_URL: "",
      SECRET_KEY: "",
      SECRET_KEY_FILE: "",
      ROOT_PASSWORD: "",
      PUBLIC_URL: "",
      ...env,
    },
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    if (output) {
      createInterface({ input: output }).on("line", (line) => lines.push(line));
    }
  }
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  const line = async (beginning: string) => {
    const find = () => lines.find((each) => each.startsWith(beginning))?.slice(beginning.length);
    await expect.poll(find, { timeout: 60_000, message: lines.join("\n") }).toBeDefined();
    return find() ?? "";
  };
  return { child, lines, ended, line };
}

/** Every process that works on the data folder: it is in their arguments or their environment. */
function processes(): number[] {
  return execFileSync("ps", ["-eo", "pid=", "--no-headers"], { encoding: "utf8" })
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && worksOn(pid));
}

function worksOn(pid: number): boolean {
  try {
    const state = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    const text = ["cmdline", "environ"]
      .map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8"))
      .join("\0");
    const cluster = existsSync(join(DATA, "postgres.json"))
      ? JSON.parse(readFileSync(join(DATA, "postgres.json"), "utf8")).folder
      : DATA;
    return state !== "Z" && (text.includes(`LOCKSTEP_DATA=${DATA}`) || text.split("\0").includes(cluster));
  } catch {
    return false;
  }
}

test.beforeAll(async () => {
  await removeEmbeddedPostgres(DATA);
  mkdirSync(DATA, { recursive: true });
});

test.afterAll(async () => {
  for (const pid of processes()) {
    process.kill(pid, "SIGKILL");
  }
  await removeEmbeddedPostgres(DATA);
});

test.setTimeout(300_000);
test("npm start: a one-time link, Ctrl-C leaves nothing behind, a second start finds its data, and so does one after kill -9", async () => {
  test.skip(process.platform !== "linux", "looks into /proc");

  await test.step("the first start prints a set-up link and keeps its secrets to itself", async () => {
    const first = start();
    const origin = (await first.line("console: ")).trim();
    const link = await first.line("setup: ");
    expect(link).toMatch(new RegExp(`^${origin}/setup\\?token=[\\w-]{32,}$`));
    expect((await fetch(`${origin}/api/healthz`)).ok).toBe(true);
    expect(statSync(join(DATA, "secret.key")).mode & 0o777).toBe(SECRET_FILE_MODE);

    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.lines.join("\n")).toMatch(/is in use by process \d+/);

    expect(processes().length).toBeGreaterThan(3);
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);
    expect(processes()).toEqual([]);
  });

  const key = readFileSync(join(DATA, "secret.key"), "utf8");

  await test.step("ROOT_PASSWORD creates root: no link any more", async () => {
    await sleep(2_000);
    const again = start({ ROOT_PASSWORD: "a long enough password" });
    await again.line("console: ");
    await sleep(500);
    expect(again.lines.filter((line) => line.startsWith("setup:"))).toEqual([]);
    for (const pid of processes()) {
      process.kill(pid, "SIGKILL");
    }
    await again.ended;
  });

  await test.step("after kill -9 of everything it starts, finds root and its key, and a dead worker comes back", async () => {
    const after = start();
    const origin = (await after.line("console: ")).trim();
    await sleep(500);
    expect(after.lines.filter((line) => line.startsWith("setup:"))).toEqual([]);
    expect(readFileSync(join(DATA, "secret.key"), "utf8")).toBe(key);

    const readyCount = () => after.lines.filter((line) => line.includes("the worker is ready")).length;
    await expect.poll(readyCount, { timeout: 60_000 }).toBe(1);
    const worker = processes().find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("jobs/worker.ts"),
    );
    expect(worker).toBeDefined();
    process.kill(worker ?? 0, "SIGKILL");
    await after.line("worker  | ended (SIGKILL)");
    await expect.poll(readyCount, { timeout: 60_000 }).toBe(2);

    const { folder } = JSON.parse(readFileSync(join(DATA, "postgres.json"), "utf8"));
    process.kill(Number.parseInt(readFileSync(join(folder, "postmaster.pid"), "utf8"), 10), "SIGKILL");
    await after.line("start   | database: started again");
    const health = async () => (await fetch(`${origin}/api/healthz`)).ok;
    await expect.poll(health, { timeout: 60_000 }).toBe(true);

    // The supervisor alone is killed: its children notice and end; the database is adopted by the next start.
    after.child.kill("SIGKILL");
    await expect.poll(() => processes().length, { timeout: 30_000 }).toBe(1);
    const last = start();
    await last.line("start   | database: was running, adopted");
    await last.line("console: ");
    last.child.kill("SIGTERM");
    expect(await last.ended).toBe(0);
    expect(processes()).toEqual([]);
  });
});
