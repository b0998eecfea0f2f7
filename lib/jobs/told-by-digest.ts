import { and, count, eq } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { instances } from "../db/schema/instances.ts";
import { matchesRepository } from "../events/rule-matching.ts";
import { sendJobs } from "../queue/boss.ts";
import { REFERRERS, type ReferrersJob } from "../queue/queues.ts";
import type { EventRule } from "./event-rules.ts";
import { FORGET, LOOKING, type StoredEvent, unmet, type Verdict } from "./event-verdict.ts";

/** Manifests that one job reads. */
const JOB_EVENTS = 50;
/** So many of one instance wait to be read at most: a flood of them is left to the next comparison. */
const MOST_WAITING = 1_000;

/**
 * A push that names a digest and no tag: a signature, an SBOM, or merely a part of an index. What it refers to only the registry
 * can say, so it is looked at where a rule brings such things from that repository.
 */
export function judgeByDigest(event: StoredEvent, candidates: readonly EventRule[]): Verdict {
  const repository = event.repository ?? "";
  const concerns = candidates.some((rule) => rule.referrers && matchesRepository(rule, repository));
  return unmet(event, event.digest !== null && concerns ? LOOKING : "no-rule");
}

/**
 * Sends what is to be looked at to whoever reads at registries: no transaction waits for one. A registry that has no referrers
 * API keeps lists under tags, and their push is told of by tag.
 */
export async function sendToLook(tx: Tx, instanceId: string, verdicts: readonly Verdict[]): Promise<void> {
  const looks = verdicts.filter(({ reason }) => reason === LOOKING);
  if (looks.length === 0) {
    return;
  }
  const [instance] = await tx
    .select({ capabilities: instances.capabilities })
    .from(instances)
    .where(eq(instances.id, instanceId));
  if (instance?.capabilities?.referrers === false) {
    for (const look of looks) {
      look.reason = FORGET;
    }
    return;
  }
  const [waiting] = await tx
    .select({ count: count() })
    .from(events)
    .where(and(eq(events.instanceId, instanceId), eq(events.state, "accepted"), eq(events.reason, LOOKING)));
  const room = Math.max(0, MOST_WAITING - (waiting?.count ?? 0));
  for (const late of looks.slice(room)) {
    late.reason = "too-many";
  }
  const ids = looks.slice(0, room).map(({ event }) => event.id);
  const jobs: { data: ReferrersJob }[] = [];
  for (let start = 0; start < ids.length; start += JOB_EVENTS) {
    jobs.push({ data: { instanceId, events: ids.slice(start, start + JOB_EVENTS) } });
  }
  await sendJobs(tx, REFERRERS, jobs);
}
