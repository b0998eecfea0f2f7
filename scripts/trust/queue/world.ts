import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { closeBoss, prepareQueues } from "../../../lib/queue/boss.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";
import { startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { type LoggingProxy, type Pace, startLoggingProxy } from "../../../lib/testing/logging-proxy.ts";
import { SyncWorld } from "../../../lib/testing/sync-world.ts";
import type { Trust } from "../trust-case.ts";

/** A database, a real target behind a proxy that writes down what reaches it, and workers. */
export interface QueueWorld {
  readonly sync: SyncWorld;
  /** Before the target. */
  readonly target: LoggingProxy;
}

export async function openWorld(trust: Trust, pace?: Pace): Promise<QueueWorld> {
  const proxies: LoggingProxy[] = [];
  const sync = await SyncWorld.open(prepareQueues, {
    before: async (origin) => {
      const proxy = await startLoggingProxy(origin, pace);
      proxies.push(proxy);
      return proxy.origin;
    },
  });
  trust.cleanup(() => Promise.all(proxies.map((proxy) => proxy.stop())));
  trust.cleanup(() => sync.close());
  trust.cleanup(closeBoss);
  const [target] = proxies;
  if (!target) {
    throw new Error("the target has no proxy");
  }
  return { sync, target };
}

/** A real source; content is pushed to `origin`, workers read it through `proxy`. */
export async function openSource(
  trust: Trust,
  pace?: Pace,
): Promise<{ origin: string; proxy: LoggingProxy }> {
  const registry = await startDockerRegistry({ accessLog: false });
  trust.cleanup(registry.stop);
  const proxy = await startLoggingProxy(registry.origin, pace);
  trust.cleanup(proxy.stop);
  return { origin: registry.origin, proxy };
}

/** Starts a task of a rule, as a person does. */
export function trigger(ruleId: string): Promise<{ taskId: string }> {
  return database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
}

/** Waits until `look` finds something. @throws after `withinMs` */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    }
    await sleep(15);
  }
}

/** Who holds which job at this moment. */
export async function liveLeases(): Promise<{ jobId: string; attempt: number; workerId: string }[]> {
  const { rows } = await database().execute<{ jobId: string; attempt: number; workerId: string }>(sql`
    select l.job_id as "jobId", l.attempt, l.worker_id as "workerId"
    from job_leases l join pgboss.job j on j.id = l.job_id and j.retry_count = l.attempt
    where j.name = 'copy' and j.state = 'active'`);
  return rows;
}

/** Rows that say they are at work though no living attempt of a job is: the fault that a reaper exists for. */
export async function rowsWithoutLease(): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(sql`
    select (
      (select count(*) from transfers t where t.status = 'running' and not exists (
        select from pgboss.job j where j.name = 'copy' and j.state = 'active' and j.group_id = t.task_id::text
          and (j.data ->> 'slice')::int = t.slice))
      + (select count(*) from tasks t where t.status in ('scanning', 'running') and not exists (
        select from pgboss.job j where j.name in ('scan', 'copy') and j.state = 'active' and j.group_id = t.id::text))
    )::int as n`);
  return rows[0]?.n ?? Number.NaN;
}
