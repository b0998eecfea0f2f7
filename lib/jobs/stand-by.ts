import { and, desc, inArray, isNull } from "drizzle-orm";
import type { Database } from "../db/client.ts";
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

  async function open(): Promise<void> {
    const beginning = await db
      .select({ rule: tasks.rule })
      .from(tasks)
      .where(and(inArray(tasks.status, ["pending", "scanning"]), isNull(tasks.scanEndedAt)))
      .orderBy(desc(tasks.id))
      .limit(NEWEST);
    const instances = beginning.flatMap(({ rule }) =>
      rule ? [rule.sourceInstanceId, ...rule.targets.map(({ instanceId }) => instanceId)] : [],
    );
    for (const instanceId of new Set(instances)) {
      // What keeps it from being used is told by those that use it.
      const connection = await connections.acquire(instanceId, REQUESTS_AT_ONCE).catch(() => null);
      connection?.release();
    }
  }

  return {
    look() {
      if (performance.now() - lookedAtMs >= AT_MOST_EVERY_MS) {
        lookedAtMs = performance.now();
        looking = open().catch((error: unknown) => warnOf(db, error, "looking for tasks that begin failed"));
      }
    },
    close: () => looking,
  };
}
