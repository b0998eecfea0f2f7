import { type ClientBase, Pool, type PoolClient } from "pg";
import { log } from "../log.ts";
import { dropSocket, poolConfig, prepareConnection } from "./connection.ts";
import { keepPlans } from "./kept-plans.ts";
import { watchSilence } from "./silence.ts";

export interface PoolOptions {
  readonly applicationName: string;
  readonly max: number;
  /** Statements that are sent again and again are planned once (kept-plans.ts): for who finds rows by their keys. */
  readonly keepsPlans?: boolean | undefined;
}

/**
 * A pool whose places are free again whatever happens to their connections. Losing Postgres never ends the process: statements fail,
 * broken connections are dropped, and the next statement connects anew.
 */
export function openPool(url: string, { applicationName, max, keepsPlans = false }: PoolOptions): Pool {
  const silence = watchSilence(url, applicationName);
  const pool = new SafePool({
    ...poolConfig(url, applicationName, max),
    // pg-pool waits for the promise; its types do not say so.
    onConnect: async (client: ClientBase) => {
      // Between two statements nobody listens to a connection: without a listener its loss would end the process.
      client.on("error", (error) => log.warn({ err: error }, "a database connection was lost"));
      silence.watch(client);
      try {
        const isOwnSession = await prepareConnection(client);
        if (keepsPlans && isOwnSession) {
          await keepPlans(client);
        }
      } catch (error) {
        // The pool waits for its farewell, and a server that is gone says none.
        dropSocket(client);
        throw error;
      }
    },
  });
  // Each connection has told the log itself; without a listener here the process would end.
  pool.on("error", () => undefined);
  return pool;
}

class SafePool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(
    callback: (
      error: Error | undefined,
      client: PoolClient | undefined,
      done: (release?: unknown) => void,
    ) => void,
  ): void;
  override connect(...args: unknown[]): unknown {
    const [callback] = args;
    return callback === undefined
      ? super.connect().then(freeWhenLost)
      : super.connect(callback as Parameters<Pool["connect"]>[0]);
  }
}

/**
 * Gives a connection that has ended back at once. drizzle forgets the one on which `begin` failed: after as many outages as the pool
 * has places, nothing would get a connection any more.
 */
function freeWhenLost(client: PoolClient): PoolClient {
  const give = client.release.bind(client);
  let given = false;
  const release = (error?: Error | boolean): void => {
    if (!given) {
      given = true;
      client.off("end", lost);
      give(error);
    }
  };
  const lost = () => release(true);
  client.once("end", lost);
  client.release = release;
  return client;
}
