import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../../lib/db/client.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";
import { clientOf, skopeoDigest, skopeoPull } from "../../../lib/testing/clients.ts";
import { type Artifact, image, layer } from "../../../lib/testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { type Link, openLink } from "../../../lib/testing/link.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { faultsOfEndedTask } from "../../../lib/testing/task-figures.ts";
import { startWorkerProcess, type WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { meets, type Trust } from "../trust-case.ts";

export const MIB = 1024 * 1024;
/** Of every process of a case. */
export const SECRET_KEY = "00".repeat(32);
const NAMESPACE = "team";

/** A real registry, and the way on which the workers reach it. */
export interface Site {
  readonly registry: DockerRegistry;
  readonly link: Link;
}

/** Two real registries, a rule from one to the other, and real workers. */
export interface Scene {
  readonly source: Site;
  readonly target: Site;
  readonly ruleId: string;
  /** Everything that was pushed, by `repository:tag`. */
  readonly pushed: ReadonlyMap<string, Artifact>;
  /** @param script of another version of the product */
  worker(env?: Record<string, string>, script?: string): Promise<WorkerProcess>;
  /** Pushes an image of one layer to the source, past its link. */
  push(name: string, sizeBytes: number): Promise<void>;
  trigger(): Promise<string>;
  /** The task as it ended. @throws when it has not within the time, or when its figures are wrong */
  ended(taskId: string, withinMs: number): Promise<EndedTask>;
  transfers(taskId: string): ReturnType<typeof transfersOf>;
  /** Re-reads every byte that was pushed from the target, without our own client. @returns how many images */
  verify(): Promise<number>;
}

export type EndedTask = NonNullable<Awaited<ReturnType<typeof findTask>>>;

/** @param url where workers find the database: DATABASE_URL of this process, or a way to it */
export async function openScene(trust: Trust, url: string): Promise<Scene> {
  const [source, target] = await Promise.all([openSite(trust), openSite(trust)]);
  const ruleId = await seedRule(database(), {
    sourceInstanceId: await seedInstance(database(), source.link.origin),
    targetInstanceIds: [await seedInstance(database(), target.link.origin)],
    sourceNamespace: NAMESPACE,
  });
  const pushed = new Map<string, Artifact>();
  return {
    source,
    target,
    ruleId,
    pushed,
    async worker(env = {}, script = undefined) {
      const started = await startWorkerProcess({ DATABASE_URL: url, SECRET_KEY, ...env }, script);
      trust.cleanup(() => started.end());
      return started;
    },
    async push(name, sizeBytes) {
      const artifact = image({ layers: [layer(`${trust.seed}/${name}`, sizeBytes)] });
      await pushContent(source.registry.origin, `${NAMESPACE}/${name}`, "1", artifact);
      pushed.set(`${NAMESPACE}/${name}:1`, artifact);
    },
    trigger: async () => {
      const { taskId } = await database().transaction((tx) =>
        startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
      );
      return taskId;
    },
    ended,
    transfers: transfersOf,
    verify: () => verify(target.registry, pushed),
  };
}

async function openSite(trust: Trust): Promise<Site> {
  const registry = await startDockerRegistry();
  trust.cleanup(registry.stop);
  const link = await openLink(Number(new URL(registry.origin).port));
  trust.cleanup(link.close);
  return { registry, link };
}

function findTask(taskId: string) {
  return database().query.tasks.findFirst({ where: (row, { eq }) => eq(row.id, taskId) });
}

function transfersOf(taskId: string) {
  return database().query.transfers.findMany({ where: (row, { eq }) => eq(row.taskId, taskId) });
}

/** As {@link Scene.ended}. */
export async function ended(taskId: string, withinMs: number): Promise<EndedTask> {
  const deadline = performance.now() + withinMs;
  let task: EndedTask | undefined;
  while (performance.now() < deadline) {
    // The database may be what is away.
    task = (await findTask(taskId).catch(() => undefined)) ?? task;
    if (task?.endedAt) {
      const faults = await faultsOfEndedTask(database(), taskId);
      meets(faults.length === 0, `the task ended ${task.status}, but ${faults.join("; ")}`);
      return task;
    }
    await sleep(50);
  }
  meets(false, `a task is still ${task?.status} after ${withinMs / 1000} s`);
  throw new Error("unreachable");
}

/** Waits until `holds`; what it throws counts as not yet. @returns milliseconds. @throws with `what` after the time */
export async function until(
  what: string,
  withinMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < withinMs) {
    try {
      if (await holds()) {
        return performance.now() - startedAt;
      }
    } catch {
      // Asked again.
    }
    await sleep(50);
  }
  meets(false, `not within ${withinMs / 1000} s: ${what}`);
  throw new Error("unreachable");
}

const SKOPEO_TRIES = 2;

async function verify(registry: DockerRegistry, pushed: ReadonlyMap<string, Artifact>): Promise<number> {
  let viaSkopeo = 0;
  for (const [name, { manifest, blobs }] of pushed) {
    const [repository = "", tag = ""] = name.split(":");
    const base = `${registry.origin}/v2/${repository}`;
    const found = await digestAt(`${base}/manifests/${tag}`, manifest.mediaType);
    meets(found === manifest.digest, `${name} is ${found} at the target, not ${manifest.digest}`);
    for (const { digest } of blobs) {
      const blob = await digestAt(`${base}/blobs/${digest}`, "*/*");
      meets(blob === digest, `a blob of ${name} hashes to ${blob}, not ${digest}`);
    }
    if (viaSkopeo++ < SKOPEO_TRIES) {
      const client = clientOf(registry, { plainHttp: true });
      await skopeoPull(client, repository, tag);
      const digest = await skopeoDigest(client, repository, tag);
      meets(digest === manifest.digest, `skopeo finds ${digest} for ${name}`);
    }
  }
  return pushed.size;
}

/** SHA-256 of what a registry sends, or its status. */
async function digestAt(url: string, accept: string): Promise<string> {
  const response = await fetch(url, { headers: { accept } });
  const bytes = Buffer.from(await response.arrayBuffer());
  return response.ok
    ? `sha256:${createHash("sha256").update(bytes).digest("hex")}`
    : `HTTP ${response.status}`;
}

/** What a worker logged as its own fault: none of it is expected of any outage. */
export function faultsOf(worker: WorkerProcess): string[] {
  return worker
    .lines()
    .filter(({ level }) => level === "error" || level === "fatal")
    .map((line) => JSON.stringify(line).slice(0, 600));
}

/** @throws when a worker ended by itself or logged a fault */
export function livesOn(workers: readonly WorkerProcess[]): void {
  const faults = workers.flatMap(faultsOf);
  meets(faults.length === 0, `a worker logged ${faults[0]}`);
  for (const { pid } of workers) {
    try {
      process.kill(pid, 0);
    } catch {
      meets(false, `worker ${pid} has ended`);
    }
  }
}

/** Which worker holds a copy job at this moment. */
export async function holders(): Promise<string[]> {
  const { rows } = await database().execute<{ worker_id: string }>(
    "select distinct l.worker_id from job_leases l join pgboss.job j on j.id = l.job_id and j.retry_count = l.attempt where j.state = 'active' and l.queue = 'copy'",
  );
  return rows.map(({ worker_id: id }) => id);
}
