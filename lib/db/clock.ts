import { sql } from "drizzle-orm";
import type { Executor } from "./client.ts";

/** The database's clock: the one that all processes share, whatever their own ones show. */
export async function databaseNow(executor: Executor): Promise<Date> {
  const { rows } = await executor.execute<{ ms: string }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`,
  );
  return new Date(Number(rows[0]?.ms));
}
