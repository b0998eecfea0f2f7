import { and, eq, sql } from "drizzle-orm";
import type { Capabilities, HealthStatus } from "../schemas/instance.ts";
import type { Executor } from "./client.ts";
import { postHealthNotice } from "./notice-outbox.ts";
import { notifyLive } from "./notify.ts";
import { instanceChecks } from "./schema/history.ts";
import { instances } from "./schema/instances.ts";

/** A registry that takes longer to authenticate is shown as slow. */
const SLOW_MS = 2_000;
/** As often as the health job runs, less a little, so that each of its rounds finds every instance due. */
const CHECK_EVERY_S = 50;
/** What has been away for an hour is asked less often. */
const CHECK_LOST_EVERY_S = 290;
const LOST_AFTER_S = 3_600;

/** What one check of an instance found. */
export interface InstanceCheck {
  status: HealthStatus;
  /** Null when it did not answer. */
  latencyMs: number | null;
  code: string | null;
  detail: string | null;
  /** Present when they were probed with this check. */
  capabilities?: Capabilities | undefined;
}

/** Reachable, and how fast. */
export function statusOf(latencyMs: number): HealthStatus {
  return latencyMs > SLOW_MS ? "slow" : "healthy";
}

/**
 * Keeps a check as the instance's health and as a point of its history, and tells the pages. One transaction.
 * @param version of the instance that was checked: edited meanwhile, the check says nothing about it as it is now
 * @returns the status before; null when nothing was kept
 */
export function recordCheck(
  executor: Executor,
  { instanceId, version }: { instanceId: string; version: number },
  check: InstanceCheck,
): Promise<HealthStatus | null> {
  return executor.transaction(async (tx) => {
    const [before] = await tx
      .select({
        name: instances.name,
        status: instances.healthStatus,
        code: instances.healthCode,
        at: instances.healthCheckedAt,
      })
      .from(instances)
      .where(and(eq(instances.id, instanceId), eq(instances.version, version)))
      .for("update");
    if (!before) {
      return null;
    }
    const { status, latencyMs, code, detail, capabilities } = check;
    await tx
      .update(instances)
      .set({
        healthStatus: status,
        healthCheckedAt: sql`now()`,
        healthLatencyMs: latencyMs,
        healthCode: code,
        healthDetail: detail,
        healthDueAt: nextCheck(instanceId, status),
        ...(capabilities ? { capabilities } : {}),
      })
      .where(eq(instances.id, instanceId));
    await tx
      .insert(instanceChecks)
      .values({ instanceId, at: sql`now()`, status, latencyMs, code })
      .onConflictDoNothing();
    await postHealthNotice(tx, { id: instanceId, name: before.name }, before, { status, code, detail });
    const same = before.status === status && before.code === code && !capabilities;
    await notifyLive(tx, { kind: "instance", instanceId, ...(same ? { same: true } : {}) });
    return before.status;
  });
}

function nextCheck(instanceId: string, status: HealthStatus) {
  const soon = sql`now() + make_interval(secs => ${CHECK_EVERY_S})`;
  if (status !== "unreachable") {
    return soon;
  }
  const since = sql`now() - make_interval(secs => ${LOST_AFTER_S})`;
  return sql`case when exists (
      select from ${instanceChecks} where ${instanceChecks.instanceId} = ${instanceId} and ${instanceChecks.at} <= ${since}
    ) and not exists (
      select from ${instanceChecks} where ${instanceChecks.instanceId} = ${instanceId} and ${instanceChecks.at} > ${since}
        and ${instanceChecks.status} <> 'unreachable'
    ) then now() + make_interval(secs => ${CHECK_LOST_EVERY_S}) else ${soon} end`;
}

/**
 * Takes instances whose check is due: nobody else checks them until they are due again.
 * @param unknownOnly only those that nobody has checked yet
 */
export async function claimDueChecks(
  executor: Executor,
  { unknownOnly }: { unknownOnly: boolean },
): Promise<{ id: string; version: number; probe: boolean }[]> {
  const { rows } = await executor.execute<{ id: string; version: number; probe: boolean }>(sql`
    with due as (
      select id from instances
      where (health_due_at is null or health_due_at <= now())
        ${unknownOnly ? sql`and health_status = 'unknown'` : sql``}
      order by health_due_at nulls first
      for update skip locked
    )
    update instances i
    set health_due_at = now() + make_interval(secs => ${CHECK_EVERY_S})
    from due where i.id = due.id
    returning i.id, i.version,
      coalesce((i.capabilities ->> 'probedAt')::timestamptz < now() - interval '1 day', true) as probe`);
  return rows;
}
