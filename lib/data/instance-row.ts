import "server-only";
import { and, eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import type { Executor, Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { instances } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import { sendJobs } from "../queue/boss.ts";
import { HEALTH } from "../queue/queues.ts";
import { lastEditor } from "./last-editor.ts";
import { heldAt, notFound } from "./visibility.ts";

/** Somebody else saved it since the form was opened: who and when. */
export async function instanceChanged(tx: Tx, stored: StoredInstance): Promise<AppError> {
  return new AppError("CONFLICT", "instance-changed", {
    values: {
      user: await lastEditor(tx, stored.id, "instance:edit"),
      at: stored.updatedAt.toISOString(),
    },
  });
}

export type StoredInstance = typeof instances.$inferSelect;

/** The instance, locked, where the permission holds. @throws {AppError} NOT_FOUND */
export async function lockInstance(
  tx: Tx,
  actor: Actor<"instance:edit" | "instance:delete" | "instance:check">,
  instanceId: string,
): Promise<StoredInstance> {
  const [stored] = await tx
    .select()
    .from(instances)
    .where(and(eq(instances.id, instanceId), heldAt(instances.id, actor.holds)))
    .for("update");
  if (!stored) {
    throw notFound();
  }
  return stored;
}

/** An instance that has changed is one that nobody has checked. */
export const UNCHECKED = {
  healthStatus: "unknown",
  healthCheckedAt: null,
  healthLatencyMs: null,
  healthCode: null,
  healthDetail: null,
  healthDueAt: null,
  capabilities: null,
} as const;

/** The pages hear of it, and a worker checks what nobody has checked yet. */
export async function announceAndCheck(executor: Executor, instanceId: string): Promise<void> {
  await notifyLive(executor, { kind: "instance", instanceId });
  await sendJobs(executor, HEALTH, [{ data: { unknownOnly: true } }]);
}
