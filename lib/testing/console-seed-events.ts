import { sql } from "drizzle-orm";
import { eventAddresses, events } from "../db/schema/events.ts";
import { DAY, HOUR, MINUTE, SECOND, type Seed } from "./console-seed-base.ts";

type Told = Partial<typeof events.$inferInsert> & { agoMs: number };

const push = (repository: string, tag: string): Partial<Told> => ({ action: "push", repository, tag });

/** Every state and reason, the newest last; the newest but one was refused. */
const TOLD: readonly Told[] = [
  { agoMs: 3 * HOUR, ...push("base/alpine", "3.20"), state: "ignored", reason: "no-rule" },
  { agoMs: 2 * HOUR, ...push("team/gateway", "sha256-3f1c.sig"), state: "ignored", reason: "digest-tag" },
  {
    agoMs: 70 * MINUTE,
    ...push("team/orders-service-with-a-long-name/worker", "v2.14.0-rc.3"),
    state: "ignored",
    reason: "echo",
  },
  {
    agoMs: 40 * MINUTE,
    action: "delete",
    repository: "team/gateway",
    tag: "v1.8.0",
    state: "ignored",
    reason: "deletion",
  },
  { agoMs: 31 * MINUTE, ip: "203.0.113.24", state: "refused", reason: "unreadable" },
  { agoMs: 12 * MINUTE, ...push("team/gateway", "v2.9.1"), state: "processed" },
  { agoMs: 4 * MINUTE, ip: "2001:db8:85a3::8a2e:370:7334", state: "refused", reason: "token" },
  { agoMs: 2 * SECOND, ...push("team/gateway", "v2.9.2"), state: "accepted" },
];

/** The event addresses of two instances, one of which has heard nothing, and what became of events. */
export async function seedEvents(
  seed: Seed,
  instances: Readonly<Record<string, string>>,
  started: { ruleId: string; taskId: string } | null,
): Promise<void> {
  const token = { dialect: "distribution", tokenHash: "0".repeat(64), tokenHint: "x7Qa" } as const;
  const { shanghai, virginia } = instances;
  if (!shanghai || !virginia) {
    return;
  }
  await seed.db.insert(eventAddresses).values([
    {
      instanceId: shanghai,
      ...token,
      dialect: "harbor",
      setAt: seed.ago(20 * DAY),
      previousUntil: seed.ago(-6 * HOUR),
    },
    { instanceId: virginia, ...token, setAt: seed.ago(DAY) },
  ]);
  await seed.db.insert(events).values(
    TOLD.map(({ agoMs, ...told }, index) => ({
      id: seed.id(agoMs),
      instanceId: shanghai,
      dialect: "harbor" as const,
      eventId: `seeded ${index}`,
      receivedAt: seed.ago(agoMs),
      digest: told.action ? `sha256:${String(index).repeat(64)}` : null,
      started: told.state === "processed" && started ? [started] : [],
      ...told,
    })),
  );
}

/** What the last task that went to each target came to there, and what its failures left missing, as its end would have noted. */
export async function seedStandings(seed: Seed): Promise<void> {
  const last = sql`rule_targets rt cross join lateral (select * from tasks
    where rule_id = rt.rule_id and ended_at is not null
      and rule -> 'targets' @> jsonb_build_array(jsonb_build_object('ruleTargetId', rt.id))
    order by id desc limit 1) k`;
  // Of a task whose transfers are not all seeded each target has its share.
  const here = (what: "copied" | "up_to_date" | "skipped" | "stopped") =>
    sql.raw(`case when f.all_n = 0 or jsonb_array_length(k.rule -> 'targets') = 1
      then k.transfers_${what} / jsonb_array_length(k.rule -> 'targets') else f.${what} end`);
  await seed.db.execute(sql`
    insert into target_results (rule_target_id, task_id, status, ended_at, failed, copied, up_to_date, skipped, stopped,
      succeeded_at, whole_at)
    select rt.id, k.id,
      case when k.status = 'partial' and f.n = 0 then 'succeeded' else k.status end, k.ended_at, f.n,
      ${here("copied")}, ${here("up_to_date")}, ${here("skipped")}, ${here("stopped")},
      case when k.status = 'succeeded' or (k.status = 'partial' and f.n = 0) then k.ended_at
        else (select max(s.ended_at) from tasks s where s.rule_id = rt.rule_id and s.status = 'succeeded') end,
      k.ended_at - interval '9 days'
    from ${last} cross join lateral (select count(*) filter (where t.status = 'failed')::int as n,
        count(*) filter (where t.status = 'copied') as copied, count(*) filter (where t.status = 'up-to-date') as up_to_date,
        count(*) filter (where t.status = 'skipped') as skipped, count(*) filter (where t.status = 'stopped') as stopped,
        (select count(*) from transfers every where every.task_id = k.id) as all_n
      from transfers t where t.task_id = k.id and t.rule_target_id = rt.id) f`);
  await seed.db.execute(sql`
    insert into target_misses (rule_target_id, repository, tag, known_at, transfer_id, task_id)
    select rt.id, t.repository, t.tag, k.created_at - interval '95 minutes', t.id, k.id
    from ${last} join transfers t on t.task_id = k.id and t.rule_target_id = rt.id and t.status = 'failed'
    on conflict do nothing`);
}
