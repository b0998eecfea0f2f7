import { Client, type ClientBase, type ClientConfig, type PoolConfig } from "pg";

/** A statement that takes longer is refused by the server: pages and jobs need milliseconds. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** Longer than the server's own bound, so that it fires only when the server does not answer at all. */
const READ_TIMEOUT_MS = 25_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Others hold every connection of the pool: that is no outage, a burst of people takes its turns. */
const TURN_TIMEOUT_MS = 20_000;
const KEEPALIVE_DELAY_MS = 5_000;

/**
 * How every connection of ours reaches Postgres: bounded waits, and keepalives so that a vanished peer is noticed.
 * Not as startup parameters (PgBouncer refuses them): {@link prepareConnection} sets the rest.
 */
export function connectionConfig(url: string, applicationName: string): ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_DELAY_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
}

/** pg-pool has one bound for two waits, for a turn and for a server that does not answer: this is the second. */
class PromptClient extends Client {
  constructor(options?: string | ClientConfig) {
    super({ ...(options as ClientConfig), connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

/** As {@link connectionConfig}, for a pool. */
export function poolConfig(url: string, applicationName: string, max: number): PoolConfig {
  return {
    ...connectionConfig(url, applicationName),
    max,
    Client: PromptClient,
    connectionTimeoutMillis: TURN_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    query_timeout: READ_TIMEOUT_MS,
  };
}

/**
 * Session settings of a new connection. The `tcp_*` ones let the server give up a half-open peer after about 15 s,
 * and with it the peer's session advisory locks.
 * @returns whether the session is this connection's own. Where a pooler stands in between (PgBouncer and its like), it may hand each
 * transaction to another one, and the process that greeted us is none of Postgres'.
 */
export async function prepareConnection(
  client: ClientBase,
  { statementTimeoutMs = STATEMENT_TIMEOUT_MS }: { statementTimeoutMs?: number } = {},
): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>(
    `select set_config(name, value, false), pg_backend_pid() as pid from (values
      ('statement_timeout', '${statementTimeoutMs}'),
      ('idle_in_transaction_session_timeout', '${IDLE_IN_TRANSACTION_TIMEOUT_MS}'),
      ('tcp_keepalives_idle', '5'),
      ('tcp_keepalives_interval', '3'),
      ('tcp_keepalives_count', '3'),
      ('tcp_user_timeout', '15000')
    ) as settings (name, value)`,
  );
  // pg keeps what it was greeted with to itself.
  return rows[0]?.pid === (client as unknown as { processID: number | null }).processID;
}

/** Ends a connection without a word, for a server that no longer answers. pg keeps the socket to itself. */
export function dropSocket(client: ClientBase): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
