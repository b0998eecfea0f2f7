import "server-only";
import { type AnyColumn, type SQL, sql } from "drizzle-orm";

/**
 * The column holds one of these ids. One parameter however many they are: a page names fifty of each kind, and as parameters of their
 * own (`inArray`) each is written out, sent and parsed by itself.
 */
export function among(column: AnyColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param(ids)}::uuid[])`;
}
