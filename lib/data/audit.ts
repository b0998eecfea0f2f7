import "server-only";
import { and, desc, eq, ilike, or, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database, type Executor } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import type { Page } from "../schemas/task.ts";
import { AUDIT_SINCE, type AuditListQuery, type AuditOutcome, type AuditRow } from "../schemas/user.ts";
import { containing, type Order, planPage } from "./cursor.ts";

export type Changes = Record<string, { before?: unknown; after?: unknown }>;

export interface AuditEntry {
  outcome: AuditOutcome;
  subject: { kind: string; id: string | null; name: string | null };
  changes?: Changes | null;
}

/** A row's changes hold at most this many bytes of JSON. */
const CHANGES_MAX_BYTES = 8 * 1024;
const VALUE_MAX_CHARS = 512;
const SECRET = /password|secret|token|credential/i;

/** Writes one audit row; with a transaction it stands or falls with the change it tells of. */
export async function recordAudit(executor: Executor, actor: Actor, entry: AuditEntry): Promise<void> {
  await executor.insert(audit).values({
    id: uuidv7(),
    actorId: actor.user.id,
    actor: actor.user.username,
    action: actor.permission,
    outcome: entry.outcome,
    subjectKind: entry.subject.kind,
    subjectId: entry.subject.id,
    subjectName: entry.subject.name?.slice(0, 255) ?? null,
    changes: entry.changes ? boundedChanges(entry.changes) : null,
    ip: actor.request.ip,
    requestId: actor.request.id,
  });
}

/** An audit row for what no function of lib/data changes: a refusal, a sign-in, a test. */
export function recordEvent(actor: Actor, entry: AuditEntry): Promise<void> {
  return recordAudit(database(), actor, entry);
}

/** The fields in which two versions differ. */
export function differences<T extends object>(before: Partial<T>, after: Partial<T>): Changes {
  const changes: Changes = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = before[field as keyof T] ?? null;
    const is = after[field as keyof T] ?? null;
    if (JSON.stringify(was) !== JSON.stringify(is)) {
      changes[field] = { before: was, after: is };
    }
  }
  return changes;
}

/** Secrets replaced, long values cut, and fields dropped until the rest fits. */
export function boundedChanges(changes: Changes): Changes {
  const kept: Changes = {};
  let bytes = 2;
  for (const [field, { before, after }] of Object.entries(changes)) {
    const change = { before: shown(field, before), after: shown(field, after) };
    bytes += Buffer.byteLength(JSON.stringify({ [field]: change }));
    if (bytes > CHANGES_MAX_BYTES - 64) {
      kept["…"] = { after: `${Object.keys(changes).length - Object.keys(kept).length} more` };
      break;
    }
    kept[field] = change;
  }
  return kept;
}

function shown(field: string, value: unknown): unknown {
  if (value === undefined || value === null) {
    return null;
  }
  if (SECRET.test(field)) {
    return "•••";
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length > VALUE_MAX_CHARS) {
    return `${text.slice(0, VALUE_MAX_CHARS)}…`;
  }
  return value;
}

const NEWEST_FIRST: Order = {
  name: "audit",
  by: [{ expression: sql`${audit.id}`, cast: "uuid" }],
  direction: "desc",
};

export async function listAudit(actor: Actor<"audit:view">, query: AuditListQuery): Promise<Page<AuditRow>> {
  const plan = planPage(NEWEST_FIRST, query);
  const q = query.q ? containing(query.q) : null;
  const rows = await database()
    .select({ key: plan.key, row: audit })
    .from(audit)
    .where(
      and(
        // Only root holds everything; any other actor finds nothing.
        actor.holds === "all" ? undefined : sql`false`,
        plan.where,
        query.outcome ? eq(audit.outcome, query.outcome) : undefined,
        query.actor ? eq(audit.actor, query.actor) : undefined,
        query.action ? eq(audit.action, query.action) : undefined,
        query.since
          ? sql`${audit.at} >= now() - make_interval(hours => ${AUDIT_SINCE[query.since]})`
          : undefined,
        q ? or(ilike(audit.actor, q), ilike(audit.action, q), ilike(audit.subjectName, q)) : undefined,
      ),
    )
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  return { ...page, rows: page.rows.map(({ row }) => auditRow(row)) };
}

/** Who and what is looked for is looked for among the latest rows. */
const CHOICES_FROM = 10_000;
const CHOICES = 200;

/** Who did something lately, and what was done: the choices of the two filters. */
export async function auditChoices(
  actor: Actor<"audit:view">,
): Promise<{ actors: string[]; actions: string[] }> {
  if (actor.holds !== "all") {
    return { actors: [], actions: [] };
  }
  const latest = database()
    .select({ actor: audit.actor, action: audit.action })
    .from(audit)
    .orderBy(desc(audit.id))
    .limit(CHOICES_FROM)
    .as("latest");
  const [actors, actions] = await Promise.all([
    database().selectDistinct({ name: latest.actor }).from(latest).orderBy(latest.actor).limit(CHOICES),
    database().selectDistinct({ name: latest.action }).from(latest).orderBy(latest.action).limit(CHOICES),
  ]);
  return { actors: actors.map(({ name }) => name), actions: actions.map(({ name }) => name) };
}

function auditRow(row: typeof audit.$inferSelect): AuditRow {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    outcome: row.outcome,
    subject: { kind: row.subjectKind, id: row.subjectId, name: row.subjectName },
    changes: row.changes,
    ip: row.ip,
    requestId: row.requestId,
  };
}
