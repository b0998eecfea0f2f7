import { SEEDED_WORKER_LOCKS } from "../../lib/testing/console-seed-workers.ts";
import { openConnection } from "./open-connection.ts";
import { repeat } from "./repeat.ts";

const BEAT_MS = 1_000;
/** Transfers are many, and no page counts their seconds: they are never further behind their task, whose first ones begin after ten. */
const BEHIND_MS = 5_000;
/** Less than lies between two samples of a task: none takes the place of the next one, which has yet to move. */
const STEP_MS = 4_000;

export interface SeededWorker {
  /**
   * What was seeded as of this moment, in ms since the epoch, is as of now from here on: what the workers are at, what waits for them and
   * when they looked at each instance, so that a task an hour later still has the speed and the time left of its first second. Resolves
   * when the time until now has been caught up with.
   */
  goOnFrom(seededAt: number): Promise<void>;
  end(): Promise<void>;
}

/** The workers that were seeded live as long as this connection: without it every page says that no worker runs. */
export async function seededWorker(connectionString: string): Promise<SeededWorker> {
  const client = await openConnection(connectionString);
  for (const lock of SEEDED_WORKER_LOCKS) {
    await client.query("select pg_advisory_lock($1)", [lock]);
  }
  let stop = () => {};
  return {
    async goOnFrom(seededAt) {
      const moved = { tasks: seededAt, transfers: seededAt };
      const move = async () => {
        for (const now = Date.now(); moved.tasks < now; ) {
          const next = Math.min(moved.tasks + STEP_MS, now);
          if (next - moved.transfers > BEHIND_MS) {
            await client.query(MOVE_TRANSFERS, [`${next - moved.transfers} milliseconds`]);
            moved.transfers = next;
          }
          await client.query(MOVE_TASKS, [`${next - moved.tasks} milliseconds`]);
          moved.tasks = next;
        }
      };
      await move();
      stop = repeat(BEAT_MS, move);
    },
    async end() {
      stop();
      await client.end();
    },
  };
}

const OPEN = "select id from tasks where status in ('pending', 'scanning', 'running')";

/** In one statement: no page finds a task that has moved on, and its curve or what joined it before its beginning. */
const MOVE_TASKS = `
  with open as (${OPEN}),
  moved as (
    update tasks set created_at = created_at + $1::interval, claimed_at = claimed_at + $1::interval,
      scan_ended_at = scan_ended_at + $1::interval, stop_requested_at = stop_requested_at + $1::interval
    where id in (select id from open)
  ),
  joined as (update task_joins set at = at + $1::interval where task_id in (select id from open)),
  checked as (update instances set health_checked_at = health_checked_at + $1::interval)
  update task_samples set at = at + $1::interval where task_id in (select id from open)`;

/** With each of their attempts. */
const MOVE_TRANSFERS = `
  update transfers set started_at = started_at + $1::interval, ended_at = ended_at + $1::interval,
    updated_at = updated_at + $1::interval,
    attempt_failures = (
      select coalesce(jsonb_agg(jsonb_set(attempt, '{at}', to_jsonb(to_char(
        ((attempt ->> 'at')::timestamptz + $1::interval) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))), '[]')
      from jsonb_array_elements(attempt_failures) attempt)
  where task_id in (${OPEN})`;
