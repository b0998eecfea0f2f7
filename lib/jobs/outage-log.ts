import type { Database } from "../db/client.ts";
import { tellIfFull } from "../db/full-disk.ts";
import { databaseTrouble } from "../db/trouble.ts";
import { log } from "../log.ts";

/** While it lasts, an outage is a line every half minute, not one for each attempt. */
const SAY_EVERY_MS = 30_000;
const WORDS = {
  away: "the database does not answer: work waits for it and goes on by itself",
  "read-only": "the database refuses writes: work waits and goes on by itself once it takes them",
  full: "the database has no room left: work waits and goes on by itself once it has",
} as const;

const saidMs = new Map<string, number>();

/** Logs that something of this worker failed, which is tried again: `what`, unless the database as a whole is the reason. */
export function warnOf(db: Database, error: unknown, what: string): void {
  tellIfFull(db, error);
  const trouble = databaseTrouble(error);
  if (trouble === null) {
    log.warn({ err: error }, what);
  } else if (performance.now() - (saidMs.get(trouble) ?? Number.NEGATIVE_INFINITY) > SAY_EVERY_MS) {
    saidMs.set(trouble, performance.now());
    log.warn({ err: error, what }, WORDS[trouble]);
  }
}
