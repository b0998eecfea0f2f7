import type { Client } from "pg";
import { SEEDED_WORKER_LOCKS } from "../../lib/testing/console-seed-workers.ts";
import { openConnection } from "./open-connection.ts";
import { repeat } from "./repeat.ts";

const BEAT_MS = 1_000;
const OPEN = "select id from tasks where status in ('pending', 'scanning', 'running')";

/**
 * The workers that were seeded live as long as this connection: without it every page says that no worker runs. What they are at, what
 * waits for them and when they looked at each instance stay as they were seeded, so that a task an hour later still has the speed and the
 * time left of its first second.
 */
export async function seededWorker(connectionString: string): Promise<{ end: () => Promise<void> }> {
  const client = await openConnection(connectionString);
  for (const lock of SEEDED_WORKER_LOCKS) {
    await client.query("select pg_advisory_lock($1)", [lock]);
  }
  let last = Date.now();
  const stop = repeat(BEAT_MS, async () => {
    const now = Date.now();
    await moveOn(client, now - last);
    last = now;
  });
  return {
    async end() {
      stop();
      await client.end();
    },
  };
}

async function moveOn(client: Client, passedMs: number): Promise<void> {
  // Half a millisecond more: a sample never takes the place of the next one, which is whole milliseconds away.
  const by = [`${passedMs + 0.5} milliseconds`];
  await client.query(
    `update tasks set created_at = created_at + $1::interval, claimed_at = claimed_at + $1::interval,
       scan_ended_at = scan_ended_at + $1::interval where id in (${OPEN})`,
    by,
  );
  await client.query("update instances set health_checked_at = health_checked_at + $1::interval", by);
  await client.query(`update task_samples set at = at + $1::interval where task_id in (${OPEN})`, by);
}
