import { type SQL, sql } from "drizzle-orm";

/**
 * One value of each row, as one array of whose length the planner knows nothing: it would find a plan for this very length a little
 * cheaper each time, and never keep one (kept-plans.ts). For who looks each of them up by a key, whatever their number.
 */
export function columnParameter<Row>(
  type: "text" | "uuid" | "int",
  rows: readonly Row[],
  of: (row: Row) => string | number,
): SQL {
  return sql`(select ${sql.param(rows.map(of))}::${sql.raw(type)}[])`;
}
