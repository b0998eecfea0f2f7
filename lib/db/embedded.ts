import { resolve } from "node:path";
import { Client } from "pg";
import { serverAccount } from "./embedded/account.ts";
import { placeBinaries } from "./embedded/binaries.ts";
import { deleteCluster, openCluster, recallFolder, rememberCluster } from "./embedded/cluster.ts";
import { readPostmaster } from "./embedded/postmaster.ts";
import { adopt, launch, stopCluster, urlOf } from "./embedded/server.ts";

const DATABASE = "lockstep";

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** Server settings, as `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Of the database `lockstep`. */
  readonly url: string;
  /** Of the database `postgres`, with the right to make others. */
  readonly adminUrl: string;
  readonly pid: number;
  /** It was running already: whoever started it is gone. */
  readonly adopted: boolean;
  /** Ends sessions and stops; bounded, harsher after 20 s. */
  stop(): Promise<void>;
}

/**
 * Starts the Postgres of a data folder, or adopts it when it runs already. It listens on 127.0.0.1 only, asks for a password,
 * lives in a session of its own (Ctrl-C does not reach it), and recovers by itself from a crash.
 */
export async function startEmbeddedPostgres({
  dataDir: folder,
  settings = {},
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(folder);
  const account = serverAccount();
  const binaries = placeBinaries(dataDir, account);
  const cluster = openCluster(dataDir, account, binaries);
  const running = await adopt(cluster);
  const port = running ?? (await launch({ dataDir, cluster, account, binaries, settings }));
  rememberCluster(dataDir, { ...cluster, port });
  const adminUrl = urlOf({ ...cluster, port }, "postgres");
  await ensureDatabase(adminUrl);
  return {
    url: urlOf({ ...cluster, port }, DATABASE),
    adminUrl,
    pid: readPostmaster(cluster.folder)?.pid ?? 0,
    adopted: running !== null,
    stop: () => stopCluster(cluster.folder),
  };
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) {
      await client.query(`create database ${client.escapeIdentifier(DATABASE)}`);
    }
  } finally {
    await client.end();
  }
}

/** Stops what runs on a data folder's cluster and deletes the cluster with the folder. */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  const folder = recallFolder(resolve(dataDir));
  if (folder !== null) {
    await stopCluster(folder);
  }
  deleteCluster(resolve(dataDir));
}
