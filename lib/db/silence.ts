import { Client, type ClientBase } from "pg";
import { log } from "../log.ts";
import { connectionConfig, dropSocket } from "./connection.ts";

/** A statement that has waited for so long may be a slow one, or its server may be gone without a word. */
const SUSPICIOUS_MS = 3_000;
/** A server that takes longer than this to greet and answer is not there. */
const ANSWER_WITHIN_MS = 5_000;

/** Looks after the connections of a pool. */
export interface SilenceWatch {
  /** A connection was opened. */
  watch(client: ClientBase): void;
}

/**
 * Notices a server, or a way to it, that has fallen silent: connections stay open and nothing comes. While a statement waits, a
 * connection of its own asks whether anybody is there; if not, every connection is dropped, so that what waits fails now instead of
 * when its time is over, and nobody is handed a dead connection once the server is back.
 */
export function watchSilence(url: string, applicationName: string): SilenceWatch {
  const open = new Set<ClientBase>();
  /** Since when a statement of a connection waits. */
  const waiting = new Map<ClientBase, number>();
  let looking = false;

  async function look(): Promise<void> {
    const oldest = Math.min(...waiting.values());
    if (performance.now() - oldest >= SUSPICIOUS_MS && !(await answers(url, applicationName))) {
      log.warn({ connections: open.size }, "the database does not answer: its connections are dropped");
      waiting.clear();
      for (const client of open) {
        dropSocket(client);
      }
    }
    looking = false;
    lookLater();
  }

  function lookLater(): void {
    if (waiting.size > 0 && !looking) {
      looking = true;
      setTimeout(() => void look(), SUSPICIOUS_MS).unref();
    }
  }

  return {
    watch(client) {
      open.add(client);
      client.once("end", () => {
        open.delete(client);
        waiting.delete(client);
      });
      onStatements(client, {
        begun: () => {
          waiting.set(client, performance.now());
          lookLater();
        },
        answered: (error) => {
          waiting.delete(client);
          // What is still to come would be taken for the answer to the next statement.
          if (error instanceof Error && error.message === "Query read timeout") {
            dropSocket(client);
          }
        },
      });
    },
  };
}

/** Tells of every statement of a connection, whichever of the two ways of `query` it is sent by. */
function onStatements(client: ClientBase, on: { begun(): void; answered(error?: unknown): void }): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const told = (...args: unknown[]): unknown => {
    on.begun();
    const callback = args.at(-1);
    if (typeof callback === "function") {
      return query(...args.slice(0, -1), (...answer: unknown[]) => {
        on.answered(answer[0]);
        callback(...answer);
      });
    }
    const result = query(...args);
    if (result instanceof Promise) {
      result.then(() => on.answered(), on.answered);
    } else {
      on.answered();
    }
    return result;
  };
  client.query = told as typeof client.query;
}

/** Whether a server answers, be it with a refusal. */
async function answers(url: string, applicationName: string): Promise<boolean> {
  const client = new Client({ ...connectionConfig(url, applicationName), query_timeout: ANSWER_WITHIN_MS });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (error) {
    // A message of Postgres carries its severity: somebody is there, only not for us.
    return error instanceof Error && "severity" in error;
  } finally {
    client.end().catch(() => undefined);
    dropSocket(client);
  }
}
