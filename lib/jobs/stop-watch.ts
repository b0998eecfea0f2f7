import { inArray } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { pollFor } from "./poll.ts";

const WATCH_MS = 1_000;

/** Breaks off the jobs of this process whose task was asked to stop, or was deleted with its rule: within 2 s. */
export function watchStops(db: Database, heartbeats: Heartbeats): { close(): void } {
  async function look(): Promise<void> {
    const ids = heartbeats.taskIds();
    if (ids.length === 0) {
      return;
    }
    const rows = await db
      .select({ id: tasks.id, stopRequestedAt: tasks.stopRequestedAt })
      .from(tasks)
      .where(inArray(tasks.id, ids));
    const going = new Set(rows.filter((row) => row.stopRequestedAt === null).map((row) => row.id));
    for (const id of ids) {
      if (!going.has(id)) {
        heartbeats.abortTask(id, "stopped");
      }
    }
  }
  return pollFor(db, { everyMs: WATCH_MS, look, failed: "looking for stopped tasks failed" });
}
