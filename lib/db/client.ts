import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import { config } from "../config.ts";
import { openPool, type PoolOptions } from "./pool.ts";
import * as audit from "./schema/audit.ts";
import * as deletions from "./schema/deletions.ts";
import * as events from "./schema/events.ts";
import * as history from "./schema/history.ts";
import * as installation from "./schema/installation.ts";
import * as instances from "./schema/instances.ts";
import * as lag from "./schema/lag.ts";
import * as limits from "./schema/limits.ts";
import * as notices from "./schema/notices.ts";
import * as people from "./schema/people.ts";
import * as rules from "./schema/rules.ts";
import * as tasks from "./schema/tasks.ts";
import * as transfers from "./schema/transfers.ts";

const schema = {
  ...people,
  ...instances,
  ...limits,
  ...rules,
  ...tasks,
  ...transfers,
  ...audit,
  ...events,
  ...deletions,
  ...history,
  ...installation,
  ...lag,
  ...notices,
};

export type Database = NodePgDatabase<typeof schema>;
/** What `database().transaction(…)` hands out. */
export type Tx = Parameters<Parameters<Database["transaction"]>[0]>[0];
/** A statement runs on either. */
export type Executor = Database | Tx;

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: Pool;
  close(): Promise<void>;
}

const POOL_SIZE = 10;

/** A pool of its own; see lib/db/pool.ts for what it survives. */
export function openDatabase(
  url: string,
  { applicationName = "lockstep", max = POOL_SIZE, keepsPlans }: Partial<PoolOptions> = {},
): OpenDatabase {
  const pool = openPool(url, { applicationName, max, keepsPlans });
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}

// Next bundles this module more than once into one process: the pool hangs on the process, not on the module.
const HOLDER = Symbol.for("lockstep.database");
const holder = globalThis as { [HOLDER]?: OpenDatabase };

/** The database of this process (DATABASE_URL); connects when first used. The first caller decides whether plans are kept. */
export function database({ keepsPlans }: Pick<PoolOptions, "keepsPlans"> = {}): Database {
  holder[HOLDER] ??= openDatabase(config().databaseUrl, { keepsPlans });
  return holder[HOLDER].db;
}

/** Waits for running statements and closes the pool of this process. */
export async function closeDatabase(): Promise<void> {
  const open = holder[HOLDER];
  delete holder[HOLDER];
  await open?.close();
}
