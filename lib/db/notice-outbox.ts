import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { NoticeFacts } from "../schemas/notice-facts.ts";
import type { HealthStatus, NoticeEvent, NoticeTaskStatus, TaskStatus } from "../schemas/words.ts";
import type { Executor } from "./client.ts";
import { announceNotices } from "./notify.ts";

/** Something to be told of, and to which addresses. */
interface Notice {
  event: NoticeEvent;
  /** Told to an address once, see the table. */
  subject: string;
  /** Addresses that are for all instances, or for this one. */
  instanceId: string;
  /** Also to those that hear of failures only. */
  concerns: boolean;
  taskId?: string;
  facts?: NoticeFacts;
}

/**
 * Puts a notice into the outbox, once for each address that is on and wants it; called in the transaction of what it tells of.
 * @returns how many addresses will hear of it
 */
export async function postNotice(tx: Executor, notice: Notice): Promise<number> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    select a.id from notice_addresses a
    where a.enabled and (${notice.concerns} or not a.failures_only)
      and (a.all_instances or exists (
        select from notice_address_instances i
        where i.address_id = a.id and i.instance_id = ${notice.instanceId}
      ))`);
  if (rows.length === 0) {
    return 0;
  }
  const facts = notice.facts ? JSON.stringify(notice.facts) : null;
  const values = rows.map(
    ({ id }) =>
      sql`(${uuidv7()}::uuid, ${id}::uuid, ${notice.event}, ${notice.subject}, ${notice.taskId ?? null}::uuid, ${facts}::jsonb)`,
  );
  // An address that was deleted a moment ago is skipped: telling nobody must not undo what happened.
  const posted = await tx.execute(sql`
    insert into notice_deliveries (id, address_id, event, subject, task_id, facts)
    select v.id, v.address_id, v.event, v.subject, v.task_id, v.facts
    from (values ${sql.join(values, sql`, `)}) as v (id, address_id, event, subject, task_id, facts)
    join notice_addresses a on a.id = v.address_id
    for key share of a
    on conflict (address_id, subject) do nothing`);
  if (posted.rowCount) {
    await announceNotices(tx);
  }
  return posted.rowCount ?? 0;
}

interface EndedTask {
  id: string;
  ruleId: string;
  sourceInstanceId: string;
  trigger: string;
  status: NoticeTaskStatus;
  triggeredBy: string | null;
  transfersCopied: number;
  transfersRepaired: number;
}

/**
 * A task has ended: one notice, however many transfers it had. A comparison that found everything in place is none, nor
 * is a verification that nobody asked for by hand: they would be told of every rule, every few hours.
 */
export async function postTaskNotice(tx: Executor, task: EndedTask): Promise<number> {
  const recovered = task.status === "succeeded" && (await failedBefore(tx, task));
  const byItself = task.trigger === "reconcile" || (task.trigger === "verify" && task.triggeredBy === null);
  const changedNothing = task.transfersCopied === 0 && task.transfersRepaired === 0;
  if (byItself && task.status === "succeeded" && !recovered && changedNothing) {
    return 0;
  }
  return postNotice(tx, {
    event: recovered ? "task-recovered" : `task-${task.status}`,
    subject: `task:${task.id}`,
    instanceId: task.sourceInstanceId,
    taskId: task.id,
    concerns: recovered || task.status === "failed" || task.status === "partial",
  });
}

/** Tasks of a rule that are looked back at: those that were stopped or matched nothing say neither. */
const LOOK_BACK = 100;

async function failedBefore(tx: Executor, { id, ruleId }: EndedTask): Promise<boolean> {
  const { rows } = await tx.execute<{ status: TaskStatus }>(sql`
    select status from (
      select id, status from tasks where rule_id = ${ruleId} and id < ${id} order by id desc limit ${LOOK_BACK}
    ) before
    where status in ('succeeded', 'partial', 'failed') order by id desc limit 1`);
  return rows[0] !== undefined && rows[0].status !== "succeeded";
}

/**
 * An instance was checked. An outage is told of at the second check in a row that fails, a minute after the first: one that
 * fails alone is most often nothing. That it answers again is told once, and only where the outage was.
 *
 * @param before what the check before found, and when
 */
export async function postHealthNotice(
  tx: Executor,
  instance: { id: string; name: string },
  before: { status: HealthStatus; at: Date | null },
  now: { status: HealthStatus; code: string | null; detail: string | null },
): Promise<number> {
  const away = now.status === "unreachable";
  if (away && before.status === "unreachable" && before.at !== null) {
    const since = before.at.toISOString();
    const { rowCount } = await tx.execute(sql`
      insert into notice_outages (instance_id, since) values (${instance.id}, ${since}::timestamptz)
      on conflict do nothing`);
    return rowCount === 0
      ? 0
      : postNotice(tx, {
          event: "instance-unreachable",
          subject: `outage:${instance.id}:${since}`,
          instanceId: instance.id,
          concerns: true,
          facts: {
            kind: "instance",
            instance,
            reachable: false,
            since,
            until: null,
            fact: {
              code: now.code ?? "UNREACHABLE",
              side: null,
              httpStatus: null,
              registryMessage: now.detail,
              request: null,
              digest: null,
            },
          },
        });
  }
  // Edited meanwhile, it is unknown before.
  if (!away && (before.status === "unreachable" || before.status === "unknown")) {
    const { rows } = await tx.execute<{ since: Date; now: Date }>(sql`
      delete from notice_outages where instance_id = ${instance.id} returning since, now() as now`);
    const [outage] = rows;
    const since = outage ? new Date(outage.since).toISOString() : "";
    return outage
      ? postNotice(tx, {
          event: "instance-reachable",
          subject: `back:${instance.id}:${since}`,
          instanceId: instance.id,
          concerns: true,
          facts: {
            kind: "instance",
            instance,
            reachable: true,
            since,
            until: new Date(outage.now).toISOString(),
            fact: null,
          },
        })
      : 0;
  }
  return 0;
}
