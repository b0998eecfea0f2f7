import type { Client } from "pg";
import { openConnection } from "./open-connection.ts";
import { repeat } from "./repeat.ts";
import type { HeldVariant } from "./stage-facts.ts";

/** What lists, and what single tasks and instances, are read from; signing in and finding out who asks goes on. */
const HELD: Readonly<Record<HeldVariant, readonly string[]>> = {
  held: ["tasks", "audit", "grants", "instance_checks", "notice_deliveries", "deletions"],
  "held-details": ["transfers", "task_samples", "instance_checks"],
};
/** Long enough for a picture of what loads. */
const PATIENCE_MS = 9_000;
const LOOK_EVERY_MS = 200;

/**
 * Makes every such read wait, and fail after nine seconds as it does when a database no longer answers: what loads and what could
 * not be loaded are then real. Resolves when it is so; `end` lets everybody go on.
 */
export async function holdReads(
  connectionString: string,
  variant: HeldVariant,
): Promise<{ end: () => Promise<void> }> {
  const [holder, guard] = await Promise.all([
    openConnection(connectionString),
    openConnection(connectionString),
  ]);
  await holder.query("begin");
  await holder.query(`lock table ${HELD[variant].join(", ")} in access exclusive mode`);
  const stop = repeat(LOOK_EVERY_MS, () => cancelPatient(guard));
  return {
    async end() {
      stop();
      await Promise.all([holder.end(), guard.end()]);
    },
  };
}

/** As `statement_timeout` does after a longer while. */
async function cancelPatient(guard: Client): Promise<void> {
  await guard.query(
    `select pg_cancel_backend(pid) from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query_start < now() - $1 * interval '1 millisecond'`,
    [PATIENCE_MS],
  );
}
