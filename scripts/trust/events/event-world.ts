import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, inArray, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { events } from "../../../lib/db/schema/events.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { transfers } from "../../../lib/db/schema/transfers.ts";
import { makeToken } from "../../../lib/events/sender-proof.ts";
import type { DialectName } from "../../../lib/schemas/words.ts";
import { type DockerRegistry, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { insertEventAddress } from "../../../lib/testing/event-sender.ts";
import { freePort } from "../../../lib/testing/free-port.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { startWorkerProcess, type WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { SECRET_KEY } from "../engine/scene.ts";
import { startWeb, type Web } from "../engine/web.ts";
import type { Trust } from "../trust-case.ts";

export const NAMESPACE = "team";

/** An instance that has an event address. */
export interface Sender {
  readonly id: string;
  readonly token: string;
  readonly url: string;
}

/** A real registry that tells a real console of its pushes. */
export interface Place extends Sender {
  readonly registry: DockerRegistry;
}

/** A console of the production build and what belongs to it. */
export interface EventWorld {
  readonly url: string;
  readonly web: Web;
  worker(env?: Record<string, string>): Promise<WorkerProcess>;
  sender(dialect?: DialectName): Promise<Sender>;
  /** @param options.tells whether the registry itself does; if not, the case may, in the generic form */
  place(options?: { tells?: boolean }): Promise<Place>;
  /** Copies everything of NAMESPACE, or the repositories that are named below it. */
  rule(from: { id: string }, to: readonly { id: string }[], repositoryPattern?: string): Promise<string>;
}

export async function openEventWorld(trust: Trust): Promise<EventWorld> {
  const url = await trust.database();
  const web = await startWeb(trust, url);

  async function sender(dialect: DialectName = "generic", address?: string): Promise<Sender> {
    const id = await seedInstance(database(), address);
    return { id, ...(await addressOf(web, id, dialect)) };
  }

  return {
    url,
    web,
    sender,
    async worker(env = {}) {
      const worker = await startWorkerProcess({ DATABASE_URL: url, SECRET_KEY, ...env });
      trust.cleanup(worker.end);
      return worker;
    },
    async place({ tells = true } = {}) {
      // The registry is started with the address of its instance, and the instance is seeded with the registry's.
      const port = await freePort();
      const told = await sender(tells ? "distribution" : "generic", `http://127.0.0.1:${port}`);
      const notify = { url: told.url, authorization: `Bearer ${told.token}` };
      const registry = await startDockerRegistry({ port, accessLog: false, ...(tells ? { notify } : {}) });
      trust.cleanup(registry.stop);
      return { ...told, registry };
    },
    rule: (from, to, repositoryPattern = "") =>
      seedRule(database(), {
        sourceInstanceId: from.id,
        targetInstanceIds: to.map(({ id }) => id),
        sourceNamespace: NAMESPACE,
        repositoryPattern,
        override: true,
      }),
  };
}

async function addressOf(web: Web, id: string, dialect: DialectName): Promise<Omit<Sender, "id">> {
  const token = makeToken();
  await insertEventAddress(database(), id, { dialect, token });
  return { token, url: `${web.origin}/api/events/${id}` };
}

/** A push as the generic form tells it; each call is an event of its own. */
export function pushOf(
  tag: string,
  repository = `${NAMESPACE}/app`,
): { id: string } & Record<string, string> {
  return { id: randomUUID(), action: "push", repository, tag, digest: `sha256:${"1".repeat(64)}` };
}

/** @returns the status and how long the answer took */
export async function tell(
  { url, token }: Pick<Sender, "url" | "token">,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

/** Waits until nothing is in the inbox, no task is open, and nothing has come for a while. */
export async function settled(withinMs: number, calmMs = 1_500): Promise<void> {
  const deadline = performance.now() + withinMs;
  let calmSince = performance.now();
  while (performance.now() - calmSince < calmMs) {
    if (performance.now() > deadline) {
      throw new Error(`not settled within ${withinMs / 1000} s: ${await unsettled()}`);
    }
    const open = await database().$count(tasks, inArray(tasks.status, ["pending", "scanning", "running"]));
    const waiting = await database().$count(events, eq(events.state, "accepted"));
    if (open + waiting > 0) {
      calmSince = performance.now();
    }
    await sleep(50);
  }
}

/** What goes on, for whoever has to find out why. */
async function unsettled(): Promise<string> {
  const { rows } = await database().execute(sql`
    select (select jsonb_agg(t) from (
        select number, status, trigger, scope, failure, waiting_until, waiting_reason, created_at, scan_ended_at
        from tasks order by id desc limit 6) t) as tasks,
      (select jsonb_agg(e) from (
        select repository, tag, left(digest, 15) as digest, state, reason, received_at, processed_at
        from events order by id desc limit 12) e) as events,
      (select jsonb_agg(j) from (
        select name, state, retry_count, start_after, group_id from pgboss.job
        where name in ('scan', 'copy') and state < 'completed' limit 6) j) as jobs`);
  return JSON.stringify(rows[0]);
}

/** Transfers of a rule that wrote something, by the tag that they wrote. */
export async function copiesOf(ruleId: string): Promise<Map<string, number>> {
  const rows = await database()
    .select({ tag: transfers.tag })
    .from(transfers)
    .innerJoin(tasks, eq(tasks.id, transfers.taskId))
    .where(eq(tasks.ruleId, ruleId));
  const copies = new Map<string, number>();
  for (const { tag } of rows) {
    copies.set(tag, (copies.get(tag) ?? 0) + 1);
  }
  return copies;
}

/** What a tag names at a registry; null when it is not there. */
export async function digestAt({ registry }: Place, repository: string, tag: string): Promise<string | null> {
  const response = await fetch(`${registry.origin}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
    signal: AbortSignal.timeout(10_000),
  });
  return response.headers.get("docker-content-digest");
}
