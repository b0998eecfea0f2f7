import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { transfers } from "../db/schema/transfers.ts";
import { log } from "../log.ts";
import { startTask } from "../queue/start-task.ts";

/** A tag that moves all the time is followed so often in ten minutes; then the rule's next trigger brings it. */
export const MOST_FOLLOW_UPS = 5;

/**
 * A tag moved at the source while it was copied. The task pins the digest its scan saw; what the tag names now is the next
 * task's. There is none after a stop or once the rule is switched off: nothing revives what a person ended.
 */
export async function followUp(
  tx: Tx,
  transfer: Pick<typeof transfers.$inferSelect, "taskId" | "repository" | "tag">,
): Promise<void> {
  const [task] = await tx
    .select({
      ruleId: tasks.ruleId,
      trigger: tasks.trigger,
      stopRequestedAt: tasks.stopRequestedAt,
      enabled: rules.enabled,
      now: sql<Date | string>`now()`,
    })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .where(eq(tasks.id, transfer.taskId));
  if (!task?.enabled || task.stopRequestedAt !== null) {
    return;
  }
  const { repository, tag } = transfer;
  if ((await recentFollowUps(tx, task.ruleId, { repository, tag })) >= MOST_FOLLOW_UPS) {
    log.warn(
      { ruleId: task.ruleId, repository, tag },
      "a tag moves all the time and is not followed further",
    );
    return;
  }
  await startTask(tx, {
    ruleId: task.ruleId,
    trigger: task.trigger,
    scope: { kind: "tags", tags: [{ repository, tag, since: new Date(task.now).toISOString() }] },
    userId: null,
  });
}

/** Tasks for this tag that no person asked for. */
async function recentFollowUps(
  tx: Tx,
  ruleId: string,
  place: { repository: string; tag: string },
): Promise<number> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(tasks)
    .where(
      and(
        eq(tasks.ruleId, ruleId),
        isNull(tasks.triggeredBy),
        sql`${tasks.createdAt} > now() - interval '10 minutes'`,
        sql`${tasks.scope} -> 'tags' @> ${JSON.stringify([place])}::jsonb`,
      ),
    );
  return row?.count ?? 0;
}
