import { and, eq, inArray } from "drizzle-orm";
import pLimit from "p-limit";
import type { Database, Executor, Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { events } from "../db/schema/events.ts";
import type { ReferrersJob } from "../queue/queues.ts";
import { ContentError, RegistryError } from "../registry/errors.ts";
import { subjectOf } from "../registry/referrer.ts";
import type { Registry, Repository } from "../registry/repository.ts";
import { backoffMs } from "./backoff.ts";
import type { Connection, Connections } from "./connections.ts";
import { rulesForEvents } from "./event-rules.ts";
import { tagsOfSubjects } from "./event-subjects.ts";
import {
  attachedVerdict,
  carryOut,
  FORGET,
  LOOKING,
  type StoredEvent,
  unmet,
  type Verdict,
} from "./event-verdict.ts";
import { isFact, isRetryable } from "./failure.ts";
import { JobAborted, type JobContext, type JobHandler, RetryLater, type RunningJob } from "./job.ts";

const READS_AT_ONCE = 4;
/** A signature of an SBOM of an image is two deep. */
const MAX_DEPTH = 8;

/** What a manifest turned out to be. */
type Look =
  /** It refers to these, the nearest first. */
  | { kind: "refers"; subjects: string[] }
  | { kind: "none" }
  | { kind: "gone" }
  | { kind: "failed"; error: unknown };

/**
 * Something was pushed by digest, as `oras attach` and `cosign` do where a registry has the referrers API (distribution-spec
 * v1.1.1, "Listing Referrers"): its manifest is read, and the tags of what it refers to are synced again, which brings it along.
 * Events are hints: what refers to what, the registry says; which tags that concerns, our own records.
 */
export const referrersJob: JobHandler<ReferrersJob> = {
  async run(job, { db, connections }) {
    const { instanceId } = job.data;
    const waiting = await waitingOf(db, job.data);
    const looks = waiting.length === 0 ? new Map() : await lookAll(job, connections, waiting);
    const left = [...looks.values()].find(mayPass(job));
    await settle(db, job.data, (event) => {
      const look: Look | undefined = looks.get(placeOf(event));
      return look && mayPass(job)(look) ? undefined : look;
    });
    if (left) {
      throw new RetryLater(backoffMs(job.failures + 1), { counts: true, cause: left.error });
    }
    await notifyLive(db, { kind: "instance", instanceId, same: true });
  },

  async giveUp({ data }, { db }: JobContext) {
    await settle(db, data, () => ({ kind: "failed", error: null }));
  },
};

const placeOf = ({ repository, digest }: StoredEvent): string => `${repository}@${digest}`;

const mayPass =
  (job: RunningJob) =>
  (look: Look): look is Look & { kind: "failed" } =>
    look.kind === "failed" && !job.lastAttempt && isRetryable(look.error);

function waitingOf(db: Executor, { events: ids }: ReferrersJob) {
  return db
    .select()
    .from(events)
    .where(and(inArray(events.id, ids), eq(events.state, "accepted"), eq(events.reason, LOOKING)));
}

/** Each manifest once, however often it was told of. */
async function lookAll(
  job: RunningJob<ReferrersJob>,
  connections: Connections,
  waiting: readonly StoredEvent[],
): Promise<Map<string, Look>> {
  const places = new Map(waiting.map((event) => [placeOf(event), event]));
  let source: Connection | null = null;
  try {
    source = await connections.acquire(job.data.instanceId);
    const { registry } = source;
    const limit = pLimit(READS_AT_ONCE);
    const looks = [...places].map(([place, event]) =>
      limit(async () => [place, await lookAt(job, registry, event)] as const),
    );
    return new Map(await Promise.all(looks));
  } catch (error) {
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    return new Map([...places.keys()].map((place) => [place, { kind: "failed", error }]));
  } finally {
    source?.release();
  }
}

async function lookAt(job: RunningJob, registry: Registry, event: StoredEvent): Promise<Look> {
  if (job.draining.aborted) {
    throw new JobAborted("draining");
  }
  try {
    const repository = registry.repository(event.repository ?? "");
    const subjects = await subjectsOf(repository, event.digest ?? "", job.signal);
    return subjects.length > 0 ? { kind: "refers", subjects } : { kind: "none" };
  } catch (error) {
    if (job.signal.aborted || !isFact(error)) {
      throw error;
    }
    return isGone(error) ? { kind: "gone" } : { kind: "failed", error };
  }
}

/** What a manifest refers to, and what that refers to in turn. */
async function subjectsOf(repository: Repository, digest: string, signal: AbortSignal): Promise<string[]> {
  const subjects: string[] = [];
  for (let at: string | null = digest; at !== null && subjects.length < MAX_DEPTH; ) {
    at = await subjectAt(repository, at, { signal, first: subjects.length === 0 });
    if (at === null || subjects.includes(at)) {
      break;
    }
    subjects.push(at);
  }
  return subjects;
}

async function subjectAt(
  repository: Repository,
  digest: string,
  { signal, first }: { signal: AbortSignal; first: boolean },
): Promise<string | null> {
  try {
    return subjectOf(await repository.fetchManifest(digest, { signal }));
  } catch (error) {
    // What is no manifest refers to nothing; what is referred to need not be there.
    if (
      (error instanceof ContentError && error.code === "UNREADABLE_MANIFEST") ||
      (!first && isGone(error))
    ) {
      return null;
    }
    throw error;
  }
}

const isGone = (error: unknown): boolean => error instanceof RegistryError && error.status === 404;

/** Starts what follows and notes it. Rows that somebody else has settled by now are left alone, so that it may run twice. */
async function settle(
  db: Database,
  data: ReferrersJob,
  lookOf: (event: StoredEvent) => Look | undefined,
): Promise<void> {
  await db.transaction(async (tx) => {
    const waiting = await waitingOf(tx, data).orderBy(events.id).for("update");
    await carryOut(tx, await judge(tx, data.instanceId, waiting, lookOf));
  });
}

async function judge(
  tx: Tx,
  instanceId: string,
  waiting: readonly StoredEvent[],
  lookOf: (event: StoredEvent) => Look | undefined,
): Promise<Verdict[]> {
  const looked = waiting.flatMap((event) => {
    const look = lookOf(event);
    return look ? [{ event, look, repository: event.repository ?? "" }] : [];
  });
  const subjects = looked.flatMap(({ look, repository }) =>
    look.kind === "refers" ? look.subjects.map((digest) => ({ repository, digest })) : [],
  );
  const candidates =
    subjects.length > 0
      ? await rulesForEvents(
          tx,
          instanceId,
          subjects.map(({ repository }) => repository),
        )
      : [];
  const tagsOf = await tagsOfSubjects(tx, instanceId, subjects);
  return looked.map(({ event, look, repository }): Verdict => {
    if (look.kind !== "refers") {
      return unmet(event, REASONS[look.kind]);
    }
    const of = look.subjects.map((digest) => tagsOf({ repository, digest }));
    return attachedVerdict(event, candidates, { tagsOf: of, unknown: "subject-unknown" });
  });
}

const REASONS = { none: FORGET, gone: "not-there", failed: "unread" } as const;
