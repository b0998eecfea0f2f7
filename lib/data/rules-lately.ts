import "server-only";
import { desc, inArray, type SQL } from "drizzle-orm";
import { database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { RuleListQuery } from "../schemas/rule.ts";
import { holding } from "./cursor.ts";

/** Among so many of the newest tasks of an instance are those of its first page by last task, unless few rules ran very often. */
const LATELY = 1_000;

/**
 * Of the first page by last task: that a rule has one of the newest tasks of its instance. A rule that has none of them ran before all that
 * have, so a full page of these is the page of all, and only they are asked for their newest task. Null for any other page.
 */
export function ranLately({ sort, instance, view, after, before }: RuleListQuery): SQL | null {
  if (
    sort !== "-lastTask" ||
    !instance ||
    view === "incoming" ||
    after !== undefined ||
    before !== undefined
  ) {
    return null;
  }
  const newest = database()
    .select({ ruleId: tasks.ruleId })
    .from(tasks)
    .where(holding(tasks.sourceInstanceId, instance))
    .orderBy(desc(tasks.sourceInstanceId), desc(tasks.id))
    .limit(LATELY)
    .as("newest_tasks");
  return inArray(rules.id, database().select({ ruleId: newest.ruleId }).from(newest));
}
