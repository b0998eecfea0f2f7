import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { actionsKey, ensureBuild } from "./build.ts";
import { ROOT } from "./root.ts";
import { type Child, superviseChild } from "./stack/child.ts";
import { lockDataFolder, StartError, secretKeyFile } from "./stack/data-folder.ts";
import { superviseDatabase } from "./stack/own-database.ts";
import { freePort } from "./stack/port.ts";
import { prepareDatabase } from "./stack/prepare-database.ts";

export interface StackOptions {
  readonly dataDir: string;
  /** Settings for every process of the stack, over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly host?: string;
  /** The first port to try; 0: any. */
  readonly port?: number;
  readonly workers?: number;
  /** Of the embedded Postgres. */
  readonly databaseSettings?: Readonly<Record<string, string>>;
  /** Lines that `web`, `worker` and the stack itself print. */
  readonly onLine: (source: string, line: string) => void;
}

/** A running console with its database and workers. */
export interface Stack {
  /** `http://host:port` */
  readonly origin: string;
  /** The one-time link while nobody is root, else null. */
  readonly setupUrl: string | null;
  readonly databaseUrl: string;
  readonly secretKeyFile: string | null;
  /** What every process of the stack was started with; a further worker needs the same. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly web: Child;
  readonly workers: readonly Child[];
  /** Workers hand back what they are at, then web ends, then the database. No process is left behind. */
  stop(bounds?: StopBounds): Promise<void>;
}

export interface StopBounds {
  readonly workerMs: number;
  readonly webMs: number;
}

const PATIENT: StopBounds = { workerMs: 25_000, webMs: 10_000 };
export const AT_ONCE: StopBounds = { workerMs: 200, webMs: 200 };

const READY_WITHIN_MS = 60_000;
const CRASHES_BEFORE_READY = 3;

/**
 * A page of fifty rules is made of some 20 MB that are garbage once it is sent. V8 begins with 1 MB for what is new and goes back to that
 * when it is idle; what lives longer than that room lasts counts as old, and is only found to be garbage by looking through everything.
 */
const ROOM = ["--min-semi-space-size=64", "--max-semi-space-size=64"];

/**
 * Starts everything on one data folder: build, database (unless DATABASE_URL names one), migrations, web, workers.
 * Resolves when the console answers. The caller stops it, also on signals.
 * @throws {StartError} with a sentence for the person who started it
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  };
  try {
    closers.push(lockDataFolder(dataDir));
    await ensureBuild((line) => options.onLine("start", line));
    const env: Record<string, string | undefined> = {
      ...process.env,
      ...options.env,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: actionsKey(),
      LOCKSTEP_DATA: dataDir,
    };
    if (!env.SECRET_KEY && !env.SECRET_KEY_FILE) {
      env.SECRET_KEY_FILE = secretKeyFile(dataDir);
    }
    if (!env.DATABASE_URL) {
      const { databaseSettings: settings } = options;
      const postgres = await superviseDatabase({ dataDir, ...(settings ? { settings } : {}) }, (line) =>
        options.onLine("start", line),
      );
      closers.push(() => postgres.stop());
      env.DATABASE_URL = postgres.url;
    }
    const setupToken = await prepareDatabase(env);
    // Nobody but the preparation needs it.
    delete env.ROOT_PASSWORD;
    return await startProcesses({ options, env, setupToken, closers, closeAll });
  } catch (error) {
    await closeAll();
    throw error;
  }
}

interface Starting {
  options: StackOptions;
  env: Record<string, string | undefined>;
  setupToken: string | null;
  closers: (() => Promise<void> | void)[];
  closeAll: () => Promise<void>;
}

async function startProcesses({ options, env, setupToken, closers, closeAll }: Starting): Promise<Stack> {
  const host = options.host ?? "127.0.0.1";
  const port = await freePort(host, options.port ?? 3000);
  const origin = originOf(host, port);
  const bounds: { current: StopBounds } = { current: PATIENT };
  const web = superviseChild({
    name: "web",
    args: [...ROOM, join(ROOT, "node_modules/next/dist/bin/next"), "start", "-H", host, "-p", String(port)],
    env: { ...env, HOST: host, PORT: String(port) },
    onLine: (line) => options.onLine("web", line),
  });
  closers.push(() => web.stop(bounds.current.webMs));
  const workers = Array.from({ length: options.workers ?? 1 }, (_, index) => {
    const name = index === 0 ? "worker" : `worker ${index + 1}`;
    return superviseChild({
      name,
      args: [join(ROOT, "lib/jobs/worker.ts")],
      env,
      onLine: (line) => options.onLine(name, line),
    });
  });
  closers.push(async () => {
    await Promise.all(workers.map((worker) => worker.stop(bounds.current.workerMs)));
  });
  await untilReady(origin, web);
  return {
    origin,
    setupUrl:
      setupToken === null
        ? null
        : `${env.PUBLIC_URL?.replace(/\/$/, "") || origin}/setup?token=${setupToken}`,
    databaseUrl: env.DATABASE_URL ?? "",
    secretKeyFile: env.SECRET_KEY ? null : (env.SECRET_KEY_FILE ?? null),
    env,
    web,
    workers,
    stop(stopBounds = PATIENT) {
      bounds.current = stopBounds;
      return closeAll();
    },
  };
}

/** A host that stands for every address of the machine is reached at this one. */
function originOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

async function untilReady(origin: string, web: Child): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && web.crashes < CRASHES_BEFORE_READY) {
    try {
      const response = await fetch(`${origin}/api/healthz`, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) {
        return;
      }
    } catch {
      // Not listening yet.
    }
    await sleep(100);
  }
  throw new StartError(`The console did not answer at ${origin}/api/healthz: see the lines of web above.`);
}
