import { and, desc, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { Connections } from "./connections.ts";
import { warnOf } from "./outage-log.ts";

/** As a scan and its first copies need. */
const REQUESTS_AT_ONCE = 16;
/** However many tasks begin. */
const AT_MOST_EVERY_MS = 1_000;
const NEWEST = 4;

export interface StandBy {
  /** Some task may be about to be scanned, by whichever worker. */
  look(): void;
  close(): Promise<void>;
}

/**
 * What one worker scans all of them copy, some hundred milliseconds later: connections to registries that are far away, or may be, are
 * opened meanwhile by each of them.
 */
export function createStandBy(db: Database, connections: Connections): StandBy {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking = Promise.resolve();
  let later: NodeJS.Timeout | undefined;

  async function open(): Promise<void> {
    const beginning = db
      .select({ ruleId: tasks.ruleId, source: tasks.sourceInstanceId })
      .from(tasks)
      .where(and(inArray(tasks.status, ["pending", "scanning"]), isNull(tasks.scanEndedAt)))
      .orderBy(desc(tasks.id))
      .limit(NEWEST)
      .as("beginning");
    // The rule is copied onto a task when it is claimed, which is later than the workers are told of it.
    const ends = await db
      .select({ source: beginning.source, target: ruleTargets.instanceId })
      .from(beginning)
      .leftJoin(ruleTargets, and(eq(ruleTargets.ruleId, beginning.ruleId), isNull(ruleTargets.pausedAt)));
    const instances = ends.flatMap(({ source, target }) => (target ? [source, target] : [source]));
    for (const instanceId of new Set(instances)) {
      // What keeps it from being used is told by those that use it.
      const connection = await connections.acquire(instanceId, REQUESTS_AT_ONCE).catch(() => null);
      connection?.release();
    }
  }

  function lookNow(): void {
    lookedAtMs = performance.now();
    looking = open().catch((error: unknown) => warnOf(db, error, "looking for tasks that begin failed"));
  }

  return {
    look() {
      const dueMs = lookedAtMs + AT_MOST_EVERY_MS - performance.now();
      if (dueMs <= 0) {
        lookNow();
      } else {
        later ??= setTimeout(() => {
          later = undefined;
          lookNow();
        }, dueMs).unref();
      }
    },
    close() {
      clearTimeout(later);
      return looking;
    },
  };
}
