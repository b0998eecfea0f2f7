import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { events } from "../db/schema/events.ts";
import { matchesEvent } from "../events/rule-matching.ts";
import { subjectOfDigestTag } from "../registry/digest-tag.ts";
import { isDigestTag } from "../registry/reference.ts";
import { followEvents } from "./deletions/look-at-events.ts";
import { originsOf, targetsBehind } from "./event-echo.ts";
import { addTargets, type EventRule, rulesForEvents } from "./event-rules.ts";
import { type EventSubject, tagsOfSubjects } from "./event-subjects.ts";
import {
  attachedVerdict,
  carryOut,
  FOLLOWED,
  type StoredEvent,
  unmet,
  type Verdict,
} from "./event-verdict.ts";
import { judgeByDigest, sendToLook } from "./told-by-digest.ts";

/** Events of one transaction. */
const BATCH = 500;

/** Those that nobody has taken. */
export const WAITING_EVENTS = sql`select from events where state = 'accepted' and reason is null`;

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
      .where(and(eq(events.state, "accepted"), isNull(events.reason)))
      .orderBy(events.id)
      .limit(BATCH)
      .for("update", { skipLocked: true });
    const verdicts: Verdict[] = [];
    for (const [instanceId, told] of Map.groupBy(waiting, (event) => event.instanceId)) {
      verdicts.push(...(await judge(tx, instanceId, told)));
      await notifyLive(tx, { kind: "instance", instanceId, same: true });
    }
    await carryOut(tx, verdicts);
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
  await sendToLook(tx, instanceId, verdicts);
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
  if (action !== "push" || repository === null) {
    return unmet(event, "deletion");
  }
  if (tag === null) {
    return judgeByDigest(event, candidates);
  }
  if (isDigestTag(tag)) {
    const subject = subjectOf(event);
    return attachedVerdict(event, candidates, {
      tagsOf: subject ? [tagsOf(subject)] : [],
      unknown: "digest-tag",
    });
  }
  const rules = candidates.filter((rule) => matchesEvent(rule, repository, tag));
  return { ...unmet(event, rules.length === 0 ? "no-rule" : null), rules };
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
