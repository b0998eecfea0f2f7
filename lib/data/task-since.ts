import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { tasks } from "../db/schema/tasks.ts";

const DAY_MS = 24 * 3600 * 1000;

export function dayAgo(): Date {
  return new Date(Date.now() - DAY_MS);
}

/** Task ids are UUIDv7: the primary key bounds the read to what was created since then. */
export function createdSince(since: Date): SQL {
  return sql`${tasks.id} >= ${uuidv7({ msecs: since.getTime(), random: new Uint8Array(16), seq: 0 })}`;
}
