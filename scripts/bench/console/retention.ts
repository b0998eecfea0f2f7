import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "@playwright/test";
import { sql } from "drizzle-orm";
import { type Database, openDatabase } from "../../../lib/db/client.ts";
import { JobAborted } from "../../../lib/jobs/job.ts";
import { purgeExpiredTasks } from "../../../lib/jobs/retention.ts";
import { closeBoss } from "../../../lib/queue/boss.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";
import { type Finding, percentile } from "../../budgets/budget.ts";
import { onServer } from "./database.ts";
import type { Scene } from "./scene.ts";
import { idleWorker } from "./seeded-worker.ts";

/** Turns of either kind: what else the machine does meets both. */
const ROUNDS = 12;
const CLAIMS = 10;
const WARM = 5;
const LOOK_MS = 2;
/** A worker that has just been started is to be ready by then, on a busy machine too. */
const PATIENCE_MS = 120_000;
/** Between two tasks, so that each finds a worker that waits. */
const PAUSE_MS = 50;
/** Most of the seed is older. */
const EXPIRED = { days: 3, perRule: 1_000 } as const;
const AT_MOST = 2;

/** trust.md J3: how long a task waits for a worker while old ones are removed, and while none are. */
export async function* retention(_browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  // `startTask` sends its jobs over the database of this process.
  Object.assign(process.env, { DATABASE_URL: scene.databaseUrl });
  // As a worker has it, which is who removes them.
  const { db, close } = openDatabase(scene.databaseUrl, { keepsPlans: true });
  try {
    yield await onServer(scene.databaseUrl, async (client) => {
      // Nothing of these registries is to be waited for: an address that may not be dialled is refused at once.
      await client.query("update instances set address = 'http://127.0.0.1:9', plain_http = true");
      const worker = await idleWorker(client, scene);
      try {
        return finding(await measured(db, scene));
      } finally {
        await worker.stop(5_000);
      }
    });
  } finally {
    await closeBoss();
    await close();
  }
}

interface Waits {
  alone: number[];
  beside: number[];
  removed: number;
}

async function measured(db: Database, { ids }: Scene): Promise<Waits> {
  const { rows } = await db.execute<{ id: string }>(
    sql`select id from rules where enabled and id <> all (${sql.param(Object.values(ids.rules))}::uuid[]) order by id desc
        limit ${WARM + 2 * ROUNDS * CLAIMS}`,
  );
  const rules = rows.map(({ id }) => id);
  const next = () => rules.splice(0, CLAIMS);
  await claims(db, rules.splice(0, WARM));
  const waits: Waits = { alone: [], beside: [], removed: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    waits.alone.push(...(await claims(db, next())));
    const before = await transfersOf(db);
    const stop = new AbortController();
    const removal = purgeExpiredTasks(db, EXPIRED, stop.signal).catch((error: unknown) => {
      if (!(error instanceof JobAborted)) {
        throw error;
      }
    });
    waits.beside.push(...(await claims(db, next())));
    stop.abort();
    await removal;
    waits.removed += before - (await transfersOf(db));
  }
  return waits;
}

/** @returns how long each task waited, by the clock of the database, in milliseconds */
async function claims(db: Database, ruleIds: readonly string[]): Promise<number[]> {
  const waited: number[] = [];
  for (const ruleId of ruleIds) {
    const { taskId } = await db.transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
    );
    waited.push(await claimed(db, taskId));
    await sleep(PAUSE_MS);
  }
  return waited;
}

async function claimed(db: Database, taskId: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const { rows } = await db.execute<{ ms: number | null }>(
      sql`select (extract(epoch from claimed_at - created_at) * 1000)::float8 as ms from tasks where id = ${taskId}`,
    );
    const ms = rows[0]?.ms ?? null;
    if (ms !== null) {
      return ms;
    }
    await sleep(LOOK_MS);
  }
  throw new Error(`No worker took a task within ${PATIENCE_MS / 1000} s.`);
}

async function transfersOf(db: Database): Promise<number> {
  const { rows } = await db.execute<{ n: number }>(sql`select count(*)::int as n from transfers`);
  return rows[0]?.n ?? 0;
}

function finding({ alone, beside, removed }: Waits): Finding {
  const [before, meanwhile] = [percentile(alone, 0.95), percentile(beside, 0.95)];
  return {
    budget: "wait for a worker while old tasks are removed, p95",
    subject: "÷ the same while none are",
    figure: meanwhile / before,
    limit: AT_MOST,
    unit: "",
    bound: "most",
    detail: `${before.toFixed(0)} and ${meanwhile.toFixed(0)} ms of ${alone.length} tasks each, ${removed} transfers removed`,
  };
}
