import "server-only";
import { sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { recordCheck, statusOf } from "../db/instance-health.ts";
import { reconcileAfterOutage } from "../db/reconcile-soon.ts";
import type { Capabilities, ConnectionReport } from "../schemas/instance.ts";
import type { HealthHistory, LatencySummary } from "../schemas/instance-health.ts";
import { recordAudit } from "./audit.ts";
import { lockInstance } from "./instance-row.ts";
import { holds, notFound } from "./visibility.ts";

/** Keeps what a check on demand found, as the checks by the minute do; `capabilities` when they were probed with it. */
export async function recordHealth(
  actor: Actor<"instance:check">,
  instanceId: string,
  { report, capabilities }: { report: ConnectionReport; capabilities?: Capabilities | undefined },
): Promise<void> {
  await database().transaction(async (tx) => {
    const stored = await lockInstance(tx, actor, instanceId);
    const status = report.ok ? statusOf(report.latencyMs) : "unreachable";
    await recordCheck(
      tx,
      { instanceId, version: stored.version },
      {
        status,
        latencyMs: report.ok ? Math.round(report.latencyMs) : null,
        code: report.ok ? null : report.code,
        detail: report.ok ? null : report.detail,
        capabilities,
      },
    );
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: instanceId, name: stored.name },
      changes: { health: { before: stored.healthStatus, after: status } },
    });
  });
  await reconcileAfterOutage(database(), instanceId);
}

/** Points of a curve over 24 hours: one each quarter of an hour. */
const BUCKETS = 96;
/** … and of the small one in a list: one an hour. */
const SMALL_BUCKETS = 24;

interface SummaryRow extends Record<string, unknown> {
  instance_id: string;
  p50: number | null;
  p95: number | null;
  points: (number | null)[];
}

/** Percentiles and a small curve of the last 24 hours, for instances on which the actor holds view. */
export async function latencySummaries(
  actor: Actor,
  instanceIds: readonly string[],
): Promise<Map<string, LatencySummary>> {
  const ids = instanceIds.filter((id) => holds(actor.view, id));
  if (ids.length === 0) {
    return new Map();
  }
  const { rows } = await database().execute<SummaryRow>(sql`
    with recent as (
      select instance_id, latency_ms,
        least(${SMALL_BUCKETS - 1}, floor(extract(epoch from at - (now() - interval '24 hours')) / 3600))::int as bucket
      from instance_checks
      where instance_id = any (${sql.param(ids)}::uuid[]) and at > now() - interval '24 hours'
    ), points as (
      select instance_id, bucket, percentile_cont(0.5) within group (order by latency_ms) as p50
      from recent group by instance_id, bucket
    ), totals as (
      select instance_id, round(percentile_cont(0.5) within group (order by latency_ms))::int as p50,
        round(percentile_cont(0.95) within group (order by latency_ms))::int as p95
      from recent group by instance_id
    )
    select t.instance_id, t.p50, t.p95, array(
        select round(p.p50)::int from generate_series(0, ${SMALL_BUCKETS - 1}) as b (bucket)
        left join points p on p.instance_id = t.instance_id and p.bucket = b.bucket order by b.bucket
      ) as points
    from totals t`);
  return new Map(
    rows.map(({ instance_id: id, p50, p95, points }) => [id, { p50Ms: p50, p95Ms: p95, points }]),
  );
}

type BucketRow = {
  at: Date;
  checks: number;
  failed: number;
  p50: number | null;
  p95: number | null;
  max: number | null;
};

/**
 * The last 24 hours of one instance in quarters of an hour, oldest first; a quarter without a check is there, with none.
 * @throws {AppError} NOT_FOUND when the actor does not hold view here
 */
export async function healthHistory(actor: Actor, instanceId: string): Promise<HealthHistory> {
  if (!holds(actor.view, instanceId)) {
    throw notFound();
  }
  const [buckets, totals] = await Promise.all([readBuckets(instanceId), readTotals(instanceId)]);
  return { ...totals, buckets };
}

async function readBuckets(instanceId: string): Promise<HealthHistory["buckets"]> {
  const { rows } = await database().execute<BucketRow>(sql`
    with ends as (select date_bin('15 minutes', now(), 'epoch') as last)
    select b.at, count(c.at)::int as checks,
      count(*) filter (where c.status = 'unreachable')::int as failed,
      round(percentile_cont(0.5) within group (order by c.latency_ms))::int as p50,
      round(percentile_cont(0.95) within group (order by c.latency_ms))::int as p95,
      max(c.latency_ms) as max
    from ends, generate_series(last - ${BUCKETS - 1} * interval '15 minutes', last, interval '15 minutes') as b (at)
    left join instance_checks c
      on c.instance_id = ${instanceId} and c.at >= b.at and c.at < b.at + interval '15 minutes'
    group by b.at order by b.at`);
  return rows.map(({ at, checks, failed, p50, p95, max }) => ({
    at: new Date(at).toISOString(),
    checks,
    failed,
    p50Ms: p50,
    p95Ms: p95,
    maxMs: max,
  }));
}

async function readTotals(
  instanceId: string,
): Promise<Pick<HealthHistory, "p50Ms" | "p95Ms" | "checks" | "failed">> {
  const { rows } = await database().execute<Pick<BucketRow, "checks" | "failed" | "p50" | "p95">>(sql`
    select count(*)::int as checks, count(*) filter (where status = 'unreachable')::int as failed,
      round(percentile_cont(0.5) within group (order by latency_ms))::int as p50,
      round(percentile_cont(0.95) within group (order by latency_ms))::int as p95
    from instance_checks where instance_id = ${instanceId} and at > now() - interval '24 hours'`);
  const [row] = rows;
  return {
    p50Ms: row?.p50 ?? null,
    p95Ms: row?.p95 ?? null,
    checks: row?.checks ?? 0,
    failed: row?.failed ?? 0,
  };
}

/** Since when each of these has not been reached: the first failure of the row that goes on, as far as is remembered. */
export async function outagesOf(actor: Actor, instanceIds: readonly string[]): Promise<Map<string, string>> {
  const ids = instanceIds.filter((id) => holds(actor.view, id));
  if (ids.length === 0) {
    return new Map();
  }
  const { rows } = await database().execute<{ id: string; since: Date | null }>(sql`
    select i.id, (
      select min(c.at) from instance_checks c
      where c.instance_id = i.id and c.status = 'unreachable' and c.at > coalesce(
        (select max(r.at) from instance_checks r where r.instance_id = i.id and r.status <> 'unreachable'), '-infinity')
    ) as since
    from unnest(${sql.param(ids)}::uuid[]) as i (id)`);
  return new Map(
    rows.flatMap(({ id, since }) => (since ? [[id, new Date(since).toISOString()] as const] : [])),
  );
}
