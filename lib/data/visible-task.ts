import "server-only";
import { and, eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { notFound, requireId, taskVisible } from "./visibility.ts";

const FACTS = {
  id: tasks.id,
  sourceInstanceId: tasks.sourceInstanceId,
  claimedAt: tasks.claimedAt,
  endedAt: tasks.endedAt,
  bytesCopied: tasks.bytesCopied,
};
type VisibleTask = Pick<typeof tasks.$inferSelect, keyof typeof FACTS>;

const asked = new WeakMap<Actor, Map<string, Promise<VisibleTask>>>();

/**
 * A task that the actor sees, for what belongs to it. The parts of a page ask for it side by side: whoever asks while the answer is on its
 * way gets the same.
 * @throws {AppError} NOT_FOUND
 */
export function visibleTask(actor: Actor, taskId: string): Promise<VisibleTask> {
  const ofActor = asked.get(actor) ?? new Map<string, Promise<VisibleTask>>();
  asked.set(actor, ofActor);
  const pending = ofActor.get(taskId) ?? read(actor, taskId).finally(() => ofActor.delete(taskId));
  ofActor.set(taskId, pending);
  return pending;
}

async function read(actor: Actor, taskId: string): Promise<VisibleTask> {
  const [task] = await database()
    .select(FACTS)
    .from(tasks)
    .where(and(eq(tasks.id, requireId(taskId)), taskVisible(actor)));
  if (!task) {
    throw notFound();
  }
  return task;
}
