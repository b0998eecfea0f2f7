import { eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { type EventStart, events } from "../db/schema/events.ts";
import { AppError } from "../errors.ts";
import { matchesEvent } from "../events/rule-matching.ts";
import { uniteTags } from "../queue/scope.ts";
import { startTask } from "../queue/start-task.ts";
import { subjectOfDigestTag } from "../registry/digest-tag.ts";
import { isDigestTag } from "../registry/reference.ts";
import type { TaskTag } from "../schemas/task.ts";
import { followEvents } from "./deletions/look-at-events.ts";
import { originsOf, targetsBehind } from "./event-echo.ts";
import { addTargets, type EventRule, rulesForEvents } from "./event-rules.ts";
import { type EventSubject, tagsOfSubjects } from "./event-subjects.ts";

/** A deletion that some rule follows: taken, though no task comes of it. */
const FOLLOWED = "deletion-followed";
/** Events of one transaction. */
const BATCH = 500;

type StoredEvent = typeof events.$inferSelect;

/** What an event comes to: rules to start, or why none. */
interface Verdict {
  event: StoredEvent;
  rules: EventRule[];
  /** Of each rule, by its id: targets where the content came from. */
  except: Map<string, string[]>;
  /** Of each rule, by its id: tags whose image was signed, or has got something else that comes along; null: the event's own. */
  signed: ReadonlyMap<string, string[]> | null;
  reason: string | null;
}

/**
 * Takes waiting events, starts or joins one task for each rule that they concern, with exactly their tags, and notes what
 * became of each. Tasks, scans and notes are one transaction.
 * @returns how many were taken
 */
export function takeEvents(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const waiting = await tx
      .select()
      .from(events)
      .where(eq(events.state, "accepted"))
      .orderBy(events.id)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const verdicts: Verdict[] = [];
    for (const [instanceId, told] of Map.groupBy(waiting, (event) => event.instanceId)) {
      verdicts.push(...(await judge(tx, instanceId, told)));
      await notifyLive(tx, { kind: "instance", instanceId, same: true });
    }
    await note(tx, verdicts, await startRules(tx, verdicts));
    return waiting.length;
  });
}

async function judge(tx: Tx, instanceId: string, told: readonly StoredEvent[]): Promise<Verdict[]> {
  const pushes = told.flatMap(({ action, repository }) =>
    action === "push" && repository !== null ? [repository] : [],
  );
  const candidates = pushes.length > 0 ? await rulesForEvents(tx, instanceId, pushes) : [];
  const tagsOf = await tagsOfSubjects(
    tx,
    instanceId,
    told.map(subjectOf).filter((subject) => subject !== null),
  );
  const verdicts = told.map((event) => match(event, candidates, tagsOf));
  await followDeletions(tx, instanceId, verdicts);
  await addTargets(tx, [...new Set(verdicts.flatMap(({ rules }) => rules))]);
  for (const verdict of verdicts) {
    await dropEchoes(tx, verdict);
  }
  return verdicts;
}

/** What rules follow of what was deleted is no task: whether it is gone at all is looked at first. */
async function followDeletions(tx: Tx, instanceId: string, verdicts: readonly Verdict[]): Promise<void> {
  const deletions = verdicts.filter(({ event }) => event.action === "delete");
  const followed = await followEvents(
    tx,
    instanceId,
    deletions.map(({ event }) => event),
  );
  for (const verdict of deletions) {
    verdict.reason = followed.has(verdict.event.id) ? FOLLOWED : verdict.reason;
  }
}

/** What a pushed digest tag belongs to; null for every other event. */
function subjectOf({ action, repository, tag }: StoredEvent): EventSubject | null {
  const digest = action === "push" && tag !== null ? subjectOfDigestTag(tag) : null;
  return repository !== null && digest !== null ? { repository, digest } : null;
}

function match(
  event: StoredEvent,
  candidates: readonly EventRule[],
  tagsOf: (subject: EventSubject) => ReadonlyMap<string, string[]>,
): Verdict {
  const { action, repository, tag } = event;
  const verdict = { event, except: new Map(), signed: null };
  if (action !== "push" || repository === null || tag === null) {
    return { ...verdict, rules: [], reason: "deletion" };
  }
  if (isDigestTag(tag)) {
    const subject = subjectOf(event);
    const signed = new Map(
      [...(subject ? tagsOf(subject) : [])].map(([ruleId, tags]) => {
        const rule = candidates.find(({ id }) => id === ruleId);
        return [ruleId, rule ? tags.filter((name) => matchesEvent(rule, repository, name)) : []];
      }),
    );
    const rules = candidates.filter(({ id }) => (signed.get(id) ?? []).length > 0);
    return { ...verdict, signed, rules, reason: rules.length === 0 ? "digest-tag" : null };
  }
  const rules = candidates.filter((rule) => matchesEvent(rule, repository, tag));
  return { ...verdict, rules, reason: rules.length === 0 ? "no-rule" : null };
}

/** Our own push, told back to us, is carried to every target of a rule but those that it came from. */
async function dropEchoes(tx: Tx, verdict: Verdict): Promise<void> {
  const { instanceId, repository, tag, digest } = verdict.event;
  // A signature that we brought ourselves is told back as well; the task that looks finds it in place and writes nothing.
  if (verdict.rules.length === 0 || repository === null || tag === null || verdict.signed) {
    return;
  }
  const origins = await originsOf(tx, { instanceId, repository, tag, digest });
  verdict.rules = verdict.rules.filter((rule) => {
    const behind = targetsBehind(rule, repository, origins);
    verdict.except.set(rule.id, behind);
    return behind.length === 0 || behind.length < rule.targets.length;
  });
  verdict.reason = verdict.rules.length === 0 ? "echo" : null;
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
  if (verdicts.length === 0) {
    return;
  }
  const notes = verdicts.map(({ event, rules, reason }) => {
    const started: EventStart[] = rules.flatMap(({ id: ruleId }) => {
      const taskId = taskOf.get(ruleId);
      return taskId === undefined ? [] : [{ ruleId, taskId }];
    });
    return { id: event.id, started, reason: started.length > 0 ? null : (reason ?? "no-rule") };
  });
  await tx.execute(sql`
    update events e
    set state = case when n.reason is null or n.reason = ${FOLLOWED} then 'processed' else 'ignored' end, reason = n.reason,
        started = n.started, processed_at = now()
    from jsonb_to_recordset(${JSON.stringify(notes)}::jsonb) as n (id uuid, reason text, started jsonb)
    where e.id = n.id`);
}
