import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { type Cluster, SERVER_ENVIRONMENT, SUPERUSER } from "./cluster.ts";
import { disownPostmasterFile, readPostmaster, serves } from "./postmaster.ts";

/** A crashed database replays its log before it answers. */
const READY_WITHIN_MS = 120_000;
/** After a crash old processes need a moment to let go of the shared memory. */
const FREE_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 20_000;
const LOG_LIMIT_BYTES = 10 * 2 ** 20;

export function urlOf({ password, port }: Cluster, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

/** The port of a server that runs on this cluster; null if none does, and then none is in the way of a new one. */
export async function adopt(cluster: Cluster): Promise<number | null> {
  const postmaster = readPostmaster(cluster.folder);
  if (!postmaster) {
    return null;
  }
  const deadline = Date.now() + READY_WITHIN_MS;
  while (serves(postmaster.pid, cluster.folder)) {
    const { port } = readPostmaster(cluster.folder) ?? postmaster;
    if (await isReady(urlOf({ ...cluster, port }, "postgres"))) {
      return port;
    }
    if (Date.now() > deadline) {
      throw new Error(`Postgres runs as process ${postmaster.pid} on ${cluster.folder} but does not answer.`);
    }
    await sleep(100);
  }
  if (readPostmaster(cluster.folder)) {
    disownPostmasterFile(cluster.folder);
  }
  return null;
}

export interface Launch {
  dataDir: string;
  cluster: Cluster;
  account: Account | null;
  binaries: Binaries;
  settings: Readonly<Record<string, string>>;
}

/** Runs the server until it answers; its port. Old processes may hold the shared memory, another program the port: tried again. */
export async function launch(launch: Launch): Promise<number> {
  const { dataDir, cluster } = launch;
  const logFile = join(dataDir, "postgres.log");
  const deadline = Date.now() + FREE_WITHIN_MS;
  let wanted = cluster.port;
  for (;;) {
    const port = await freePort(wanted);
    const logStart = prepareLog(logFile);
    const server = spawnServer(launch, port, logFile);
    if (await answers(server, urlOf({ ...cluster, port }, "postgres"))) {
      server.unref();
      return port;
    }
    const said = readFileSync(logFile, "utf8").slice(logStart).trim();
    const passing = /shared memory block|could not (?:bind|create any TCP)|Address already in use/.test(said);
    if (!passing || Date.now() > deadline) {
      throw new Error(
        `Postgres did not start. ${logFile} ends with:\n${said.split("\n").slice(-8).join("\n")}`,
      );
    }
    wanted = 0;
    await sleep(250);
  }
}

function spawnServer(
  { cluster, account, binaries, settings }: Launch,
  port: number,
  logFile: string,
): ChildProcess {
  const all = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    max_connections: "100",
    timezone: "UTC",
    log_timezone: "UTC",
    ...settings,
  };
  const log = openSync(logFile, "a", 0o600);
  try {
    return spawn(
      binaries.postgres,
      ["-D", cluster.folder, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      {
        ...(account ? { uid: account.uid, gid: account.gid } : {}),
        cwd: "/",
        detached: true,
        stdio: ["ignore", log, log],
        env: SERVER_ENVIRONMENT,
      },
    );
  } finally {
    closeSync(log);
  }
}

/** False when the process ended first. */
async function answers(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let ended = false;
  server.once("exit", () => {
    ended = true;
  });
  server.once("error", () => {
    ended = true;
  });
  while (!ended && Date.now() < deadline) {
    if (await isReady(url)) {
      return true;
    }
    await sleep(50);
  }
  server.kill("SIGQUIT");
  return false;
}

/** @throws when a server answers that refuses our password. */
async function isReady(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    // 28P01, invalid_password
    if ((error as { code?: string }).code === "28P01") {
      throw new Error("Postgres refuses the password in postgres.password of the data folder.", {
        cause: error,
      });
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Stops whatever server runs on a cluster: first in good order, then at once (it recovers at the next start), then by force. */
export async function stopCluster(folder: string): Promise<void> {
  const signals = [
    { signal: "SIGINT", withinMs: STOP_WITHIN_MS },
    { signal: "SIGQUIT", withinMs: 5_000 },
    { signal: "SIGKILL", withinMs: 2_000 },
  ] as const;
  for (const { signal, withinMs } of signals) {
    const pid = readPostmaster(folder)?.pid ?? 0;
    if (!serves(pid, folder)) {
      return;
    }
    process.kill(pid, signal);
    const deadline = Date.now() + withinMs;
    while (serves(pid, folder) && Date.now() < deadline) {
      await sleep(20);
    }
  }
}

/** The remembered port if nobody has taken it, else any that is free. */
function freePort(wanted: number): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error) => (wanted === 0 ? fail(error) : done(freePort(0))));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : wanted));
    });
  });
}

/** Keeps one old log; answers where new lines begin. */
function prepareLog(logFile: string): number {
  if (!existsSync(logFile)) {
    return 0;
  }
  const { size } = statSync(logFile);
  if (size < LOG_LIMIT_BYTES) {
    return size;
  }
  renameSync(logFile, `${logFile}.1`);
  return 0;
}
