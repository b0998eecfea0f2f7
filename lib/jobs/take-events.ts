import { eq, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { type EventStart, events } from "../db/schema/events.ts";
import { AppError } from "../errors.ts";
import { matchesEvent } from "../events/rule-matching.ts";
import { uniteTags } from "../queue/scope.ts";
import { startTask } from "../queue/start-task.ts";
import { isDigestTag } from "../registry/reference.ts";
import type { TaskTag } from "../schemas/task.ts";
import { followEvents } from "./deletions/look-at-events.ts";
import { originsOf, targetsBehind } from "./event-echo.ts";
import { addTargets, type EventRule, rulesForEvents } from "./event-rules.ts";

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
  const verdicts = told.map((event) => match(event, candidates));
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

function match(event: StoredEvent, candidates: readonly EventRule[]): Verdict {
  const { action, repository, tag } = event;
  if (action !== "push" || repository === null || tag === null) {
    return { event, rules: [], except: new Map(), reason: "deletion" };
  }
  if (isDigestTag(tag)) {
    return { event, rules: [], except: new Map(), reason: "digest-tag" };
  }
  const rules = candidates.filter((rule) => matchesEvent(rule, repository, tag));
  return { event, rules, except: new Map(), reason: rules.length === 0 ? "no-rule" : null };
}

/** Our own push, told back to us, is carried to every target of a rule but those that it came from. */
async function dropEchoes(tx: Tx, verdict: Verdict): Promise<void> {
  const { instanceId, repository, tag, digest } = verdict.event;
  if (verdict.rules.length === 0 || repository === null || tag === null) {
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
  for (const { event, rules, except } of verdicts) {
    for (const rule of rules) {
      const entry = wanted.get(rule.id) ?? { rule, tags: [] };
      const behind = except.get(rule.id) ?? [];
      entry.tags.push({
        repository: event.repository ?? "",
        tag: event.tag ?? "",
        since: event.receivedAt.toISOString(),
        ...(behind.length > 0 ? { except: behind } : {}),
      });
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
