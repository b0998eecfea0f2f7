import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import type { Database } from "../db/client.ts";
import { claimDueChecks, type InstanceCheck, recordCheck, statusOf } from "../db/instance-health.ts";
import { reconcileAfterOutage } from "../db/reconcile-soon.ts";
import { log } from "../log.ts";
import type { HealthJob } from "../queue/queues.ts";
import type { Registry } from "../registry/repository.ts";
import type { Capabilities } from "../schemas/instance.ts";
import type { Connections } from "./connections.ts";
import { factOf } from "./failure.ts";
import type { JobHandler } from "./job.ts";

const CHECK_TIMEOUT_MS = 20_000;
const PROBE_TIMEOUT_MS = 20_000;
const CHECKS_AT_ONCE = 16;
/** Checks of a round are spread over this, a little for each instance, so that many of them are not a wave. */
const SPREAD_PER_INSTANCE_MS = 80;
const SPREAD_MOST_MS = 40_000;

/** What is to be checked, at which of its versions. */
interface DueCheck {
  id: string;
  version: number;
  /** Also find out what it can do: once a day. */
  probe: boolean;
}

/**
 * Checks every instance that is due, or only those that nobody has checked yet. Each is taken by one worker and checked at
 * a moment of its own within the minute; one that fails does not keep the others from being checked.
 */
export const healthJob: JobHandler<HealthJob> = {
  async run(job, { db, connections }) {
    const due = await claimDueChecks(db, { unknownOnly: job.data?.unknownOnly ?? false });
    const moments = momentsOf(due.length);
    const limit = pLimit(CHECKS_AT_ONCE);
    const ending = AbortSignal.any([job.signal, job.draining]);
    await Promise.all(
      due.map(async (each, index) => {
        await sleep(moments[index], undefined, { signal: ending }).catch(() => undefined);
        await limit(() => (ending.aborted ? undefined : checkInstance(db, connections, each, job.signal)));
      }),
    );
  },
};

/**
 * When each check of a round begins, ms after the round: each somewhere within its own equal share of the round, so that no
 * second carries much more than another.
 */
export function momentsOf(count: number): number[] {
  const spreadMs = Math.min(SPREAD_MOST_MS, (count - 1) * SPREAD_PER_INSTANCE_MS);
  return Array.from({ length: count }, (_, index) => ((index + Math.random()) * spreadMs) / count);
}

/** Checks one instance and stores the result. */
async function checkInstance(
  db: Database,
  connections: Connections,
  { id, version, probe }: DueCheck,
  signal: AbortSignal,
): Promise<void> {
  const result = await check(connections, { id, probe }, signal);
  if (signal.aborted) {
    return;
  }
  const before = await recordCheck(db, { instanceId: id, version }, result);
  if (before !== null && (before === "unreachable") !== (result.status === "unreachable")) {
    log.info(
      { instanceId: id, before, ...result, capabilities: undefined },
      "the health of an instance changed",
    );
    await reconcileAfterOutage(db, id);
  }
}

/** A blocked address and a closed port look alike, or an instance would be a port scanner (CVE-2020-13788). */
const UNREACHED: ReadonlySet<string> = new Set(["CONNECTION", "EGRESS_DENIED"]);

async function check(
  connections: Connections,
  { id, probe }: Pick<DueCheck, "id" | "probe">,
  signal: AbortSignal,
): Promise<InstanceCheck> {
  try {
    const { registry, release } = await connections.acquire(id);
    try {
      const { latencyMs } = await registry.check({
        signal: AbortSignal.any([signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]),
      });
      return {
        status: statusOf(latencyMs),
        latencyMs: Math.round(latencyMs),
        code: null,
        detail: null,
        capabilities: probe ? await probed(registry, signal) : undefined,
      };
    } finally {
      release();
    }
  } catch (error) {
    const fact = factOf(error);
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    const unreached = UNREACHED.has(fact.code);
    return {
      status: "unreachable",
      latencyMs: null,
      code: timedOut ? "TIMEOUT" : unreached ? "UNREACHABLE" : fact.code,
      // What is said of an address that was never reached would tell the two apart.
      detail: unreached ? null : fact.registryMessage,
    };
  }
}

/** A probe that fails leaves everything unknown until tomorrow; the check itself has gone well. */
async function probed(registry: Registry, signal: AbortSignal): Promise<Capabilities> {
  const probedAt = new Date().toISOString();
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    return { probedAt, ...(await registry.capabilities({ signal: limited })) };
  } catch (error) {
    log.info({ err: error }, "what an instance can do could not be told");
    return { probedAt, software: null, list: null, referrers: null, delete: null, chunk: null };
  }
}
