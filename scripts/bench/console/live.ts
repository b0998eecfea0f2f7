import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "@playwright/test";
import { type Database, openDatabase } from "../../../lib/db/client.ts";
import { announceTask } from "../../../lib/queue/live.ts";
import type { Finding } from "../../budgets/budget.ts";
import type { Scene } from "./scene.ts";

const VIEWERS = 100;
const SETTLE_MS = 5_000;
const MEASURE_MS = 30_000;
const ANNOUNCE_MS = 1_000;
const SHARE_OF_A_CORE = 10;

/** What the web process spends on a hundred open streams while fifty tasks tell of themselves once a second, as workers have them do. */
export async function* live(_browser: Browser, scene: Scene): AsyncGenerator<Finding> {
  const stop = new AbortController();
  const { db, close } = openDatabase(scene.databaseUrl);
  const streams = Array.from({ length: VIEWERS }, () => openStream(scene, stop.signal));
  try {
    const tasks = await runningTasks(db);
    const telling = tasks.map((id, index) =>
      tell(db, id, { afterMs: (index * ANNOUNCE_MS) / tasks.length, stop: stop.signal }),
    );
    await sleep(SETTLE_MS);
    const pid = scene.stack.web.pid ?? 0;
    const [before, heardBefore, startedAt] = [cpuMs(pid), heard(streams), performance.now()];
    await sleep(MEASURE_MS);
    const elapsedMs = performance.now() - startedAt;
    const share = ((cpuMs(pid) - before) / elapsedMs) * 100;
    const perSecond = ((heard(streams) - heardBefore) / elapsedMs) * 1000;
    const expected = VIEWERS * tasks.length * (1000 / ANNOUNCE_MS);
    stop.abort();
    await Promise.all(telling);
    yield {
      budget: "live streams",
      subject: `${VIEWERS} viewers of ${tasks.length} running tasks`,
      figure: share,
      limit: SHARE_OF_A_CORE,
      unit: "% of a core",
      bound: "most",
      detail: `${perSecond.toFixed(0)} events a second of ${expected.toFixed(0)}`,
    };
  } finally {
    stop.abort();
    await Promise.all(streams.map(({ ended }) => ended));
    await close();
  }
}

interface Stream {
  heard: number;
  ended: Promise<void>;
}

const heard = (streams: readonly Stream[]) => streams.reduce((sum, stream) => sum + stream.heard, 0);

function openStream({ origin, cookies }: Scene, signal: AbortSignal): Stream {
  const { name, value } = cookies.root;
  const stream: Stream = { heard: 0, ended: Promise.resolve() };
  const read = async () => {
    const response = await fetch(`${origin}/api/live`, { headers: { cookie: `${name}=${value}` }, signal });
    for await (const chunk of response.body ?? []) {
      stream.heard +=
        Buffer.from(chunk as Uint8Array)
          .toString()
          .split("event: task\n").length - 1;
    }
  };
  stream.ended = read().catch((error: unknown) => {
    if (!signal.aborted) {
      throw error;
    }
  });
  return stream;
}

async function runningTasks(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(
    "select id from tasks where status = 'running' order by id",
  );
  return rows.map(({ id }) => id);
}

async function tell(
  db: Database,
  taskId: string,
  { afterMs, stop }: { afterMs: number; stop: AbortSignal },
): Promise<void> {
  await sleep(afterMs);
  let dueMs = performance.now();
  while (!stop.aborted) {
    await db.transaction((tx) => announceTask(tx, taskId));
    dueMs += ANNOUNCE_MS;
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Clock ticks a second in /proc, whatever the kernel counts in. */
const TICKS = 100;

/** What a process has used so far, in itself and in the kernel. */
function cpuMs(pid: number): number {
  const [, fields = ""] = /^\d+ \(.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return ((user + system) / TICKS) * 1000;
}
