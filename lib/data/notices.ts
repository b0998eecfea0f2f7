import "server-only";
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { noticeAddresses, noticeAddressInstances, noticeDeliveries } from "../db/schema/notices.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import {
  NOTICE_ADDRESS_LIMIT,
  type NoticeAddressRow,
  type NoticeDeliveryRow,
  type NoticeQuery,
} from "../schemas/notice.ts";
import type { Page } from "../schemas/task.ts";
import { type Order, planPage } from "./cursor.ts";

/** Only root holds everything; any other actor finds nothing. */
const rootOnly = (actor: Actor) => (actor.holds === "all" ? undefined : sql`false`);

/** Whether there is any address: what a page about none looks like is known before their list is read. */
export async function hasNoticeAddresses(actor: Actor<"notice:view">): Promise<boolean> {
  const some = await database()
    .select({ id: noticeAddresses.id })
    .from(noticeAddresses)
    .where(rootOnly(actor))
    .limit(1);
  return some.length > 0;
}

/** The addresses by name, without their secrets. */
export async function listNoticeAddresses(actor: Actor<"notice:view">): Promise<NoticeAddressRow[]> {
  const rows = await database()
    .select(ADDRESS)
    .from(noticeAddresses)
    .where(rootOnly(actor))
    .orderBy(asc(noticeAddresses.name))
    .limit(NOTICE_ADDRESS_LIMIT);
  const ids = rows.map(({ id }) => id);
  const [chosen, told] = await Promise.all([chosenInstances(ids), lastDeliveries(ids)]);
  return rows.map(({ heldUntil, heldReason, secretSetAt, previousSecretUntil, ...row }) => {
    return {
      ...row,
      secretSetAt: secretSetAt?.toISOString() ?? null,
      previousSecretUntil: iso(previousSecretUntil),
      instances: chosen.get(row.id) ?? [],
      held: heldUntil && heldReason ? { until: new Date(heldUntil).toISOString(), reason: heldReason } : null,
      waiting: told.get(row.id)?.waiting ?? 0,
      last: told.get(row.id)?.last ?? null,
    };
  });
}

const iso = (at: Date | string | null): string | null => (at === null ? null : new Date(at).toISOString());

const ADDRESS = {
  id: noticeAddresses.id,
  name: noticeAddresses.name,
  kind: noticeAddresses.kind,
  urlHost: noticeAddresses.urlHost,
  urlHint: noticeAddresses.urlHint,
  secretHint: noticeAddresses.secretHint,
  secretSetAt: noticeAddresses.secretSetAt,
  previousSecretUntil: sql<Date | null>`case when ${noticeAddresses.previousSecretUntil} > now() then ${noticeAddresses.previousSecretUntil} end`,
  locale: noticeAddresses.locale,
  failuresOnly: noticeAddresses.failuresOnly,
  allInstances: noticeAddresses.allInstances,
  enabled: noticeAddresses.enabled,
  disabledReason: noticeAddresses.disabledReason,
  heldUntil: sql<Date | null>`case when ${noticeAddresses.heldUntil} > now() then ${noticeAddresses.heldUntil} end`,
  heldReason: noticeAddresses.heldReason,
  version: noticeAddresses.version,
};

async function chosenInstances(ids: readonly string[]): Promise<Map<string, NoticeAddressRow["instances"]>> {
  const chosen = new Map<string, NoticeAddressRow["instances"]>(ids.map((id) => [id, []]));
  if (ids.length === 0) {
    return chosen;
  }
  const rows = await database()
    .select({ addressId: noticeAddressInstances.addressId, id: instances.id, name: instances.name })
    .from(noticeAddressInstances)
    .innerJoin(instances, eq(instances.id, noticeAddressInstances.instanceId))
    .where(inArray(noticeAddressInstances.addressId, [...ids]))
    .orderBy(asc(instances.name));
  for (const { addressId, ...instance } of rows) {
    chosen.get(addressId)?.push(instance);
  }
  return chosen;
}

type Told = Pick<NoticeAddressRow, "waiting" | "last">;

interface ToldRow extends Record<string, unknown> {
  id: string;
  waiting: number;
  last: NoticeAddressRow["last"];
}

/** Of each address what waits, and what was tried last: by its index, however many there were. */
async function lastDeliveries(ids: readonly string[]): Promise<Map<string, Told>> {
  if (ids.length === 0) {
    return new Map();
  }
  const { rows } = await database().execute<ToldRow>(sql`
    select a.id,
      (select count(*)::int from notice_deliveries w where w.address_id = a.id and w.state = 'waiting') as waiting,
      (select json_build_object('at', l.last_attempt_at, 'state', l.state, 'reason', l.reason, 'httpStatus', l.http_status)
        from notice_deliveries l where l.address_id = a.id and l.last_attempt_at is not null
        order by l.id desc limit 1) as last
    from unnest(${sql.param([...ids])}::uuid[]) as a (id)`);
  return new Map(
    rows.map(({ id, waiting, last }) => [
      id,
      { waiting, last: last ? { ...last, at: new Date(last.at).toISOString() } : null },
    ]),
  );
}

const NEWEST_FIRST: Order = {
  name: "notice-deliveries",
  by: [{ expression: sql`${noticeDeliveries.id}`, cast: "uuid" }],
  direction: "desc",
};

/** What was told, or is to be, the newest first. */
export async function listNoticeDeliveries(
  actor: Actor<"notice:view">,
  query: Pick<NoticeQuery, "address" | "state" | "after" | "before" | "size">,
): Promise<Page<NoticeDeliveryRow>> {
  const plan = planPage(NEWEST_FIRST, query);
  const rows = await database()
    .select({
      key: plan.key,
      delivery: noticeDeliveries,
      address: { id: noticeAddresses.id, name: noticeAddresses.name },
      heldUntil: noticeAddresses.heldUntil,
      taskNumber: tasks.number,
      ruleName: rules.name,
    })
    .from(noticeDeliveries)
    .innerJoin(noticeAddresses, eq(noticeAddresses.id, noticeDeliveries.addressId))
    .leftJoin(tasks, eq(tasks.id, noticeDeliveries.taskId))
    .leftJoin(rules, eq(rules.id, tasks.ruleId))
    .where(
      and(
        rootOnly(actor),
        plan.where,
        query.address ? eq(noticeDeliveries.addressId, query.address) : undefined,
        query.state ? eq(noticeDeliveries.state, query.state) : undefined,
      ),
    )
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  return { ...page, rows: page.rows.map(deliveryRow) };
}

interface StoredDelivery {
  delivery: typeof noticeDeliveries.$inferSelect;
  address: { id: string; name: string };
  heldUntil: Date | null;
  taskNumber: number | null;
  ruleName: string | null;
}

function deliveryRow(row: StoredDelivery): NoticeDeliveryRow {
  const { delivery, address, heldUntil } = row;
  const { id, event, state, attempts, reason, httpStatus, answer, elapsedMs, dueAt } = delivery;
  const nextAt = heldUntil && heldUntil > dueAt ? heldUntil : dueAt;
  return {
    id,
    address,
    event,
    about: aboutOf(row),
    state,
    at: delivery.createdAt.toISOString(),
    attempts,
    lastAttemptAt: delivery.lastAttemptAt?.toISOString() ?? null,
    nextAt: state === "waiting" ? nextAt.toISOString() : null,
    expiresAt: delivery.expiresAt.toISOString(),
    reason,
    httpStatus,
    answer,
    elapsedMs,
    digest: delivery.digestId !== null,
  };
}

/** What it said of a task that is gone stays; the link does not. */
function aboutOf({ delivery: { facts, taskId }, taskNumber, ruleName }: StoredDelivery) {
  switch (facts?.kind) {
    case "instance":
      return { name: facts.instance.name, number: null, href: `/instances/${facts.instance.id}` };
    case "schedule":
      return { name: facts.rule.name, number: null, href: `/rules/${facts.rule.id}` };
    case "sample":
      return null;
    default: {
      const name = facts?.rule.name ?? ruleName;
      const number = facts?.task.number ?? taskNumber;
      const href = taskId !== null && ruleName !== null ? `/tasks/${taskId}` : null;
      return name === null || number === null ? null : { name, number, href };
    }
  }
}
