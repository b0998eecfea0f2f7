import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { databaseTrouble } from "./trouble.ts";

/** The NOTIFY channel on which a process tells the others that the database had no room for what it wrote. */
export const FULL_CHANNEL = "lockstep_full";
/** So long after the last refusal it counts as full; jobs that wait for room try again every few seconds. */
const REMEMBERED_MS = 30_000;
const TELL_EVERY_MS = 5_000;

// Next bundles this module more than once into one process: what it remembers hangs on the process, not on the module.
const HOLDER = Symbol.for("lockstep.full-disk");
const holder = globalThis as { [HOLDER]?: { atMs: number; toldMs: number } };

function memory(): { atMs: number; toldMs: number } {
  holder[HOLDER] ??= { atMs: Number.NEGATIVE_INFINITY, toldMs: Number.NEGATIVE_INFINITY };
  return holder[HOLDER];
}

/** The database refused a write for lack of room: found by this process, or told by another. */
export function noteFull(): void {
  memory().atMs = performance.now();
}

/** Whether the database lacked room a moment ago. A full disk can be read, so nothing but a refused write shows it. */
export function recentlyFull(): boolean {
  return performance.now() - memory().atMs < REMEMBERED_MS;
}

/** Tells every process when `error` says that the database is full. A notification needs no room. Never throws. */
export function tellIfFull(db: Database, error: unknown): void {
  const told = memory();
  if (databaseTrouble(error) !== "full" || performance.now() - told.toldMs < TELL_EVERY_MS) {
    return;
  }
  told.toldMs = performance.now();
  noteFull();
  // Who does not hear it now hears it five seconds later.
  db.execute(sql`select pg_notify(${FULL_CHANNEL}, '')`).catch(() => undefined);
}
