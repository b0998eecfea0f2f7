import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { v7 as uuidv7 } from "uuid";
import { connectionConfig, dropSocket, prepareConnection } from "../db/connection.ts";
import { log } from "../log.ts";

const PROBE_INTERVAL_MS = 3_000;
const PROBE_TIMEOUT_MS = 6_000;
const RECONNECT_FIRST_MS = 500;
const RECONNECT_MAX_MS = 4_000;
const VERSION = "0.1.0";

/** The proof that this worker process lives: a session advisory lock that Postgres frees when the process is gone. */
export interface Liveness {
  /** Row of `workers`; leases name it. */
  readonly workerId: string;
  /** False while the connection is away: take no new jobs, somebody may be taking over ours. */
  alive(): boolean;
  /** Deletes the row and frees the lock. */
  close(): Promise<void>;
}

/**
 * Takes the lock, registers the worker, and does both again whenever the connection breaks.
 * @param concurrency copy jobs it runs at once, for the settings page
 */
export async function holdLiveness(url: string, concurrency: number): Promise<Liveness> {
  const workerId = uuidv7();
  const closing = new AbortController();
  const first = Promise.withResolvers<void>();
  let client: Client | null = null;

  const run = async () => {
    let reconnectMs = RECONNECT_FIRST_MS;
    while (!closing.signal.aborted) {
      try {
        await hold(url, { workerId, concurrency }, closing.signal, (held) => {
          client = held;
          if (held) {
            reconnectMs = RECONNECT_FIRST_MS;
            first.resolve();
          }
        });
      } catch (error) {
        log.warn({ err: error, workerId }, "the connection that proves this worker alive was lost");
      }
      client = null;
      await sleep(reconnectMs, undefined, { signal: closing.signal }).catch(() => undefined);
      reconnectMs = Math.min(reconnectMs * 2, RECONNECT_MAX_MS);
    }
  };
  const ended = run();
  await first.promise;
  return {
    workerId,
    alive: () => client !== null,
    close: async () => {
      closing.abort();
      await ended;
    },
  };
}

/** Returns when `signal` aborts. @throws when the connection breaks */
async function hold(
  url: string,
  worker: { workerId: string; concurrency: number },
  signal: AbortSignal,
  onHeld: (client: Client | null) => void,
): Promise<void> {
  const client = new Client({
    ...connectionConfig(url, "lockstep-worker"),
    query_timeout: PROBE_TIMEOUT_MS,
  });
  const lost = Promise.withResolvers<void>();
  lost.promise.catch(() => undefined);
  client.on("error", lost.reject);
  client.on("end", () => lost.reject(new Error("the server closed the connection")));
  const onAbort = () => lost.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  let probe: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    await prepareConnection(client);
    const { workerId } = worker;
    await register(client, worker);
    onHeld(client);
    probe = setInterval(() => prove(client, workerId).catch(lost.reject), PROBE_INTERVAL_MS);
    await lost.promise;
    await client.query("delete from workers where id = $1", [workerId]);
  } finally {
    onHeld(null);
    clearInterval(probe);
    signal.removeEventListener("abort", onAbort);
    await Promise.race([client.end().catch(() => undefined), sleep(500)]);
    dropSocket(client);
  }
}

/**
 * That the server answers, that others may see so, and that the row is still there: others may have taken this worker for dead while it could not
 * say otherwise, and without the row it would never be given a job again.
 */
async function prove(client: Client, workerId: string): Promise<void> {
  const { rowCount } = await client.query("update workers set seen_at = now() where id = $1", [workerId]);
  if (rowCount === 0) {
    throw new Error("this worker was taken for dead");
  }
}

/** A new key each time: the server may keep the lock of a half-open connection for a while. The lock precedes the row. */
async function register(
  client: Client,
  { workerId, concurrency }: { workerId: string; concurrency: number },
): Promise<void> {
  const lockKey = randomInt(1, 2 ** 47);
  await client.query("select pg_advisory_lock($1)", [lockKey]);
  await client.query(
    `insert into workers (id, lock_key, host, pid, version, concurrency) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set lock_key = excluded.lock_key, seen_at = now()`,
    [workerId, lockKey, hostname(), process.pid, VERSION, concurrency],
  );
}
