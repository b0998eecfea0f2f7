import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { EventStart, events } from "../db/schema/events.ts";
import { AppError } from "../errors.ts";
import { matchesEvent } from "../events/rule-matching.ts";
import { uniteTags } from "../queue/scope.ts";
import { startTask } from "../queue/start-task.ts";
import type { TaskTag } from "../schemas/task.ts";
import type { EventState } from "../schemas/words.ts";
import type { EventRule } from "./event-rules.ts";

/** A deletion that some rule follows: taken, though no task comes of it. */
export const FOLLOWED = "deletion-followed";
/** A push by digest alone: what it refers to is read at the registry first (referrers-job.ts). It waits with this reason. */
export const LOOKING = "looking";
/** Nothing that people would miss: a part of an index, say. Its row goes. */
export const FORGET = Symbol("forget");

export type StoredEvent = typeof events.$inferSelect;

/** What an event comes to: rules to start, or why none. */
export interface Verdict {
  event: StoredEvent;
  rules: EventRule[];
  /** Of each rule, by its id: targets where the content came from. */
  except: Map<string, string[]>;
  /** Of each rule, by its id: tags whose image was signed, or has got something else that comes along; null: the event's own. */
  signed: ReadonlyMap<string, string[]> | null;
  reason: string | typeof FORGET | null;
}

/** An event that starts nothing, so far. */
export function unmet(event: StoredEvent, reason: Verdict["reason"]): Verdict {
  return { event, rules: [], except: new Map(), signed: null, reason };
}

/**
 * The verdict on what was attached to something: rules that brought that somewhere look at its tags again.
 * @param tagsOf the tags of each rule, for each manifest that it was attached to, be it by way of another
 */
export function attachedVerdict(
  event: StoredEvent,
  candidates: readonly EventRule[],
  { tagsOf, unknown }: { tagsOf: readonly ReadonlyMap<string, string[]>[]; unknown: string },
): Verdict {
  const repository = event.repository ?? "";
  const signed = new Map(
    candidates.map((rule) => {
      const tags = new Set(tagsOf.flatMap((known) => known.get(rule.id) ?? []));
      return [rule.id, [...tags].filter((tag) => matchesEvent(rule, repository, tag))];
    }),
  );
  const rules = candidates.filter(({ id }) => (signed.get(id) ?? []).length > 0);
  return { ...unmet(event, rules.length === 0 ? unknown : null), rules, signed };
}

/** Starts or joins one task a rule, with exactly the tags it was told of, and notes what became of each event. */
export async function carryOut(tx: Tx, verdicts: readonly Verdict[]): Promise<void> {
  await note(tx, verdicts, await startRules(tx, verdicts));
}

/** One task a rule. In the order of instances and rules, so that two workers never wait for each other. */
async function startRules(tx: Tx, verdicts: readonly Verdict[]): Promise<Map<string, string>> {
  const wanted = new Map<string, { rule: EventRule; tags: TaskTag[] }>();
  for (const verdict of verdicts) {
    for (const rule of verdict.rules) {
      const entry = wanted.get(rule.id) ?? { rule, tags: [] };
      entry.tags.push(...tagsFor(rule, verdict));
      wanted.set(rule.id, entry);
    }
  }
  const order = ({ sourceInstanceId, id }: EventRule) => `${sourceInstanceId} ${id}`;
  const sorted = [...wanted.values()].sort((a, b) => (order(a.rule) < order(b.rule) ? -1 : 1));
  const started = new Map<string, string>();
  for (const { rule, tags } of sorted) {
    const taskId = await startRule(tx, rule.id, uniteTags(tags));
    if (taskId !== null) {
      started.set(rule.id, taskId);
    }
  }
  return started;
}

function tagsFor({ id }: EventRule, { event, except, signed }: Verdict): TaskTag[] {
  const repository = event.repository ?? "";
  if (signed) {
    // Nothing is known to be new under the tag itself.
    return (signed.get(id) ?? []).map((tag) => ({ repository, tag }));
  }
  const behind = except.get(id) ?? [];
  const since = event.receivedAt.toISOString();
  const told = { repository, tag: event.tag ?? "", since };
  return [behind.length > 0 ? { ...told, except: behind } : told];
}

/** @returns null when the rule was deleted in this moment */
async function startRule(tx: Tx, ruleId: string, tags: TaskTag[]): Promise<string | null> {
  try {
    const { taskId } = await startTask(tx, {
      ruleId,
      trigger: "event",
      scope: { kind: "tags", tags },
      userId: null,
    });
    return taskId;
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") {
      return null;
    }
    throw error;
  }
}

async function note(
  tx: Tx,
  verdicts: readonly Verdict[],
  taskOf: ReadonlyMap<string, string>,
): Promise<void> {
  const notes = verdicts.flatMap(({ event, rules, reason }) => {
    const started: EventStart[] = rules.flatMap(({ id: ruleId }) => {
      const taskId = taskOf.get(ruleId);
      return taskId === undefined ? [] : [{ ruleId, taskId }];
    });
    if (reason === FORGET) {
      return [];
    }
    const why = started.length > 0 ? null : (reason ?? "no-rule");
    return [{ id: event.id, started, state: stateOf(why), reason: why }];
  });
  if (notes.length > 0) {
    await tx.execute(sql`
      update events e
      set state = n.state, reason = n.reason, started = n.started,
        processed_at = case when n.state = 'accepted' then null else now() end
      from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n (id uuid, state text, reason text, started jsonb)
      where e.id = n.id`);
  }
  const forgotten = verdicts.filter(({ reason }) => reason === FORGET).map(({ event }) => event.id);
  if (forgotten.length > 0) {
    await tx.execute(sql`delete from events where id = any(${sql.param(forgotten)}::uuid[])`);
  }
}

function stateOf(reason: string | null): EventState {
  if (reason === LOOKING) {
    return "accepted";
  }
  return reason === null || reason === FOLLOWED ? "processed" : "ignored";
}
