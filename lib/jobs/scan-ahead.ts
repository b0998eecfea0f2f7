import { setTimeout as sleep } from "node:timers/promises";
import type { ScanJob } from "../queue/queues.ts";
import { targetRepository } from "../sync/destination.ts";
import type { FirstLook } from "../sync/first-look.ts";
import type { Lookahead } from "../sync/lookahead.ts";
import { type TargetMemory, targetMemory } from "../sync/target-memory.ts";
import { type Connection, isDistant } from "./connections.ts";
import type { JobContext, RunningJob } from "./job.ts";
import { createPlacements, type TargetPlacements } from "./placements.ts";
import type { FoundAhead } from "./scan-page.ts";
import type { ClaimedTask } from "./task-claim.ts";

/** Of a target that does not answer no more is asked. */
const QUESTIONS_AT_ONCE = 16;
/** What is still being asked when a scan has ended is for the copies of this process; they do without what comes later. */
const LINGER_MS = 2_000;

/** What a scan has its targets asked meanwhile. */
export interface ScanAhead extends FoundAhead {
  readonly lookahead: Lookahead;
  /** The scan has ended. Nobody waits. */
  close(): void;
}

interface Target {
  readonly connection: Connection;
  readonly namespace: string | null;
  readonly placements: TargetPlacements;
  /** That the copies of this process have as well. */
  readonly memory: TargetMemory;
  asking: number;
}

/**
 * Where a whole rule is scanned, its targets are asked which tags they lack: of such a tag the scan reads the manifest, and the copies
 * of this process need not ask for it again. What is asked so says nothing of later: each copy has its own look at what stands.
 * @returns null where nothing would be gained: single tags are copied before anything is known
 */
export async function scanAhead(
  job: RunningJob<ScanJob>,
  { db, connections }: JobContext,
  { id: taskId, rule, scope }: ClaimedTask,
  source: Pick<Connection, "registry">,
): Promise<ScanAhead | null> {
  if (scope.kind !== "rule" || rule.resourceType !== "all") {
    return null;
  }
  const targets: Target[] = [];
  for (const { instanceId: targetInstanceId, namespace } of rule.targets) {
    // What keeps it from being used is told by its copies.
    const connection = await connections.acquire(targetInstanceId, QUESTIONS_AT_ONCE).catch(() => null);
    if (connection) {
      const placements = createPlacements(db, job.lease, { taskId, targetInstanceId });
      targets.push({ connection, namespace, placements, memory: targetMemory(placements), asking: 0 });
    }
  }
  const over = new AbortController();
  const signal = AbortSignal.any([job.signal, over.signal]);
  const asked = new Set<Promise<void>>();
  const ask = (target: Target, question: Promise<void>) => {
    target.asking += 1;
    const answered: Promise<void> = question.finally(() => {
      target.asking -= 1;
      asked.delete(answered);
    });
    asked.add(answered);
  };
  const targetOf = (id: string) => targets.find(({ connection }) => connection.instanceId === id);
  return {
    lookahead: lookaheadAt(targets, rule.sourceNamespace, {
      foresee: (target, look, tag) => ask(target, look.foresee(tag, { signal })),
      foreseeAll: (target, look) => ask(target, look.foreseeAll({ signal })),
    }),
    isEmpty(targetInstanceId, targetRepository) {
      const target = targetOf(targetInstanceId);
      const at = target?.connection.registry.repository(targetRepository);
      return at !== undefined && target?.memory.firstLooks.at(at).empty === true;
    },
    read(targetInstanceId, digest) {
      const target = targetOf(targetInstanceId);
      // Near by, to ask again costs less than to write it down.
      const far = target && (isDistant(source) || isDistant(target.connection));
      return far ? target.memory.manifests.known(digest) : undefined;
    },
    close() {
      const known = Promise.all(asked);
      Promise.race([known, sleep(LINGER_MS, undefined, { ref: false })]).finally(() => {
        over.abort();
        for (const { connection, placements } of targets) {
          placements.close();
          connection.release();
        }
      });
    },
  };
}

interface Questions {
  foresee(target: Target, look: FirstLook, tag: string): void;
  foreseeAll(target: Target, look: FirstLook): void;
}

function lookaheadAt(
  targets: readonly Target[],
  sourceNamespace: string,
  { foresee, foreseeAll }: Questions,
): Lookahead {
  const looksAt = (repository: string) =>
    targets.flatMap((target) => {
      const look = lookAt(target, repository, sourceNamespace);
      return look ? [{ target, look }] : [];
    });
  return {
    coming(repository) {
      for (const { target, look } of looksAt(repository)) {
        if (mayBeDistant(target) && target.asking < QUESTIONS_AT_ONCE) {
          foreseeAll(target, look);
        }
      }
    },
    wanted(repository, [tag]) {
      for (const { target, look } of looksAt(repository)) {
        if (tag !== undefined && !isDistant(target.connection) && target.asking < QUESTIONS_AT_ONCE) {
          foresee(target, look, tag);
        }
      }
    },
    async lacks(repository, tag) {
      const lacking = await Promise.all(looksAt(repository).map(({ look }) => look.lacks(tag)));
      return lacking.includes(true);
    },
    read(manifest) {
      for (const { memory } of targets) {
        memory.manifests.offer(manifest);
      }
    },
  };
}

/** null: it cannot go there, as the plan will say. */
function lookAt(
  { connection, namespace, memory }: Target,
  repository: string,
  sourceNamespace: string,
): FirstLook | null {
  try {
    const name = targetRepository(repository, sourceNamespace, namespace);
    return memory.firstLooks.at(connection.registry.repository(name));
  } catch {
    return null;
  }
}

/** Where an answer takes as long as the source takes to tell its tags, the target is asked at the same time. */
function mayBeDistant({ connection }: Target): boolean {
  return connection.registry.quickestMs === undefined || isDistant(connection);
}
