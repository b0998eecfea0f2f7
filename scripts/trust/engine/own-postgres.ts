import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { closeDatabase } from "../../../lib/db/client.ts";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../../lib/db/embedded.ts";
import { migrateDatabase } from "../../../lib/db/migrate.ts";
import { closeBoss, prepareQueues } from "../../../lib/queue/boss.ts";
import { isAlive } from "../../process-alive.ts";
import type { Trust } from "../trust-case.ts";

/** A Postgres that a case may break. */
export interface OwnPostgres {
  /** Of a migrated database. */
  readonly url: string;
  /** `pg_ctl stop -m immediate`: no goodbye, no checkpoint; it recovers when it is started again. */
  crash(): Promise<void>;
  /** At the same address. */
  start(): Promise<void>;
  /** Changes a setting of the whole server without a restart. */
  set(name: string, value: string): Promise<void>;
}

/** A power cut is not what is tried: what a process wrote survives its end also without fsync. */
const SETTINGS = { fsync: "off", full_page_writes: "off", max_connections: "150" };

/** Starts a cluster for this case alone. DATABASE_URL of this process names its database from now on. */
export async function ownPostgres(trust: Trust): Promise<OwnPostgres> {
  const dataDir = openFolder("lockstep-trust-postgres-");
  let running = await startEmbeddedPostgres({ dataDir, settings: SETTINGS });
  trust.cleanup(() => removeEmbeddedPostgres(dataDir));
  await makeOurs(trust, running.url);
  return {
    url: running.url,
    async crash() {
      process.kill(running.pid, "SIGQUIT");
      while (isAlive(running.pid)) {
        await sleep(10);
      }
    },
    async start() {
      running = await startEmbeddedPostgres({ dataDir, settings: SETTINGS });
    },
    async set(name, value) {
      const client = new Client({ connectionString: running.adminUrl });
      await client.connect();
      try {
        await client.query("set default_transaction_read_only = off");
        await client.query(
          `alter system set ${client.escapeIdentifier(name)} = ${client.escapeLiteral(value)}`,
        );
        await client.query("select pg_reload_conf()");
      } finally {
        await client.end();
      }
    },
  };
}

/** Migrates a database and makes it the one of this process until the case has ended. */
export async function makeOurs(trust: Trust, url: string): Promise<void> {
  await migrateDatabase(url, () => prepareQueues(url));
  // Of another one that the case has used before.
  await closeBoss();
  await closeDatabase();
  process.env.DATABASE_URL = url;
  trust.cleanup(closeDatabase);
  trust.cleanup(closeBoss);
}

/** A temporary folder that the account of Postgres gets into as well. */
export function openFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}
