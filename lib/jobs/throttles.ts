import { inArray, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { log } from "../log.ts";
import type { InstanceLimits } from "../schemas/limits.ts";
import type { ThrottledEnd } from "../sync/throttle.ts";
import { LimitedEnd } from "./limited-end.ts";
import { askForShares } from "./shares.ts";

/** Shares are asked for so often at most; the first one at once. */
const ROUND_MS = 1_000;
/** At the end: shares that are not given back run out by themselves. */
const FAREWELL_MS = 1_000;

/** What bounds the copies of this process at each instance, kept to what all workers together may. */
export interface Throttles {
  /** @param limits as just read @param nowMs by the database's clock */
  end(instanceId: string, limits: InstanceLimits | null, nowMs: number): ThrottledEnd;
  /** Limits may have changed: reads them anew. */
  reread(): void;
  close(): Promise<void>;
}

/**
 * Asks for shares of the limits of the instances that are copied from or to now: one statement a second for all of them, and none
 * where nothing is limited or nothing is copied.
 */
export function createThrottles(db: Database, workerId: string): Throttles {
  const ends = new Map<string, LimitedEnd>();
  let timer: NodeJS.Timeout | undefined;
  let asking: Promise<void> | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  let closed = false;

  function wake(): void {
    if (!timer && !asking && !closed) {
      timer = setTimeout(round, Math.max(0, askedMs + ROUND_MS - performance.now()));
    }
  }

  function round(): void {
    timer = undefined;
    const due = [...ends.values()].filter((end) => end.limited && (end.atWork || end.holds));
    if (due.length === 0) {
      return;
    }
    asking = ask(due)
      // Shares run out by themselves.
      .catch((error: unknown) => log.warn({ err: error }, "no shares of limits could be asked for"))
      .finally(() => {
        asking = null;
        wake();
      });
  }

  async function ask(due: readonly LimitedEnd[]): Promise<void> {
    askedMs = performance.now();
    const sentMs = askedMs;
    const requests = due.map((end) => end.request(workerId));
    const answers = await askForShares(db, workerId, requests);
    for (const [index, request] of requests.entries()) {
      const answer = answers.find(({ instanceId }) => instanceId === request.instanceId);
      if (answer) {
        due[index]?.apply(workerId, request, answer, sentMs);
      } else {
        due[index]?.learn(null, 0);
      }
    }
  }

  async function read(): Promise<void> {
    if (ends.size === 0) {
      return;
    }
    const rows = await db
      .select({ id: instances.id, limits: instances.limits, nowMs: NOW_MS })
      .from(instances)
      .where(inArray(instances.id, [...ends.keys()]));
    for (const { id, limits, nowMs } of rows) {
      ends.get(id)?.learn(limits, nowMs);
    }
    wake();
  }

  return {
    end(instanceId, limits, nowMs) {
      const end = ends.get(instanceId) ?? new LimitedEnd(instanceId, wake);
      ends.set(instanceId, end);
      if (end.learn(limits, nowMs)) {
        wake();
      }
      return end;
    },
    reread() {
      read().catch((error: unknown) => log.warn({ err: error }, "limits could not be read"));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await asking;
      const held = [...ends.values()].filter((end) => end.holds);
      for (const end of ends.values()) {
        end.close();
      }
      if (held.length > 0) {
        const back = held.map((end) => ({ ...end.request(workerId), wish: null }));
        const given = askForShares(db, workerId, back).catch((error: unknown) => {
          log.debug({ err: error }, "shares of limits were not given back");
        });
        await Promise.race([given, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS).unref())]);
      }
    },
  };
}

/** The database's clock, read with whatever else is read. */
export const NOW_MS = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`.mapWith(Number);
