import { Client } from "pg";
import { config } from "../config.ts";
import { log } from "../log.ts";
import { connectionConfig, dropSocket } from "./connection.ts";

export interface ListenOptions {
  readonly channels: readonly string[];
  onNotification(channel: string, payload: string): void;
  /** Notifications were lost: the connection was away and is back. Whoever shows something asks for it again. */
  onResync(): void;
  /** DATABASE_URL unless given. */
  readonly url?: string;
}

export interface Listener {
  /** Resolves when LISTEN first holds. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 5_000;
/** A peer that vanished without a word is noticed after one interval and one timeout. */
const PROBE_INTERVAL_MS = 8_000;
const PROBE_TIMEOUT_MS = 5_000;
const FAREWELL_MS = 500;
const NEVER = new AbortController().signal;

/** One LISTEN connection for all `channels`; it reconnects with back-off for as long as it is open. */
export function listen(options: ListenOptions): Listener {
  const url = options.url ?? config().databaseUrl;
  const ready = Promise.withResolvers<void>();
  const closing = new AbortController();
  const run = async () => {
    let retryMs = RETRY_FIRST_MS;
    let connectedBefore = false;
    while (!closing.signal.aborted) {
      try {
        await holdConnection(url, options, closing.signal, () => {
          retryMs = RETRY_FIRST_MS;
          ready.resolve();
          if (connectedBefore) {
            options.onResync();
          }
          connectedBefore = true;
        });
      } catch (error) {
        log.warn({ err: error, channels: options.channels }, "the listening connection was lost");
      }
      await pause(retryMs, closing.signal);
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
    }
  };
  const ended = run();
  return {
    ready: ready.promise,
    close: () => {
      closing.abort();
      return ended;
    },
  };
}

/** Connects, listens, calls `onListening`, and returns when `signal` aborts. @throws when the connection breaks. */
async function holdConnection(
  url: string,
  { channels, onNotification }: ListenOptions,
  signal: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = new Client({ ...connectionConfig(url, "lockstep-listen"), query_timeout: PROBE_TIMEOUT_MS });
  const lost = Promise.withResolvers<void>();
  // Handled here as well: a connection may break while nobody awaits it.
  lost.promise.catch(() => undefined);
  client.on("error", lost.reject);
  client.on("end", () => lost.reject(new Error("the server closed the connection")));
  client.on("notification", ({ channel, payload }) => onNotification(channel, payload ?? ""));
  const onAbort = () => lost.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  let probe: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    for (const channel of channels) {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    }
    if (signal.aborted) {
      return;
    }
    onListening();
    probe = setInterval(() => client.query("select 1").catch(lost.reject), PROBE_INTERVAL_MS);
    await lost.promise;
  } finally {
    clearInterval(probe);
    signal.removeEventListener("abort", onAbort);
    // A half-open connection would wait for ever for an answer to its farewell.
    await Promise.race([client.end().catch(() => undefined), pause(FAREWELL_MS, NEVER)]);
    dropSocket(client);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
