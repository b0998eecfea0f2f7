import { type SQL, sql } from "drizzle-orm";
import { rules } from "../db/schema/rules.ts";

/** Whether the names that a rule matches can begin as one of these repositories: others are neither fetched nor compiled. */
export function beginsOneOf(paths: readonly string[]): SQL {
  const start = sql`case when ${rules.sourceNamespace} = '' then '' else ${rules.sourceNamespace} || '/' end || ${rules.repositoryPrefix}`;
  return sql`exists (select from unnest(${sql.param(paths)}::text[]) as told (path) where starts_with(told.path, ${start}))`;
}
