import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { REFERRERS, type ReferrersJob } from "../queue/queues.ts";
import { allowAll } from "../registry/egress.ts";
import { type Artifact, attachment, image, index, layer, piece } from "../testing/content.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { pushContent } from "../testing/push-content.ts";
import type { Intercept } from "../testing/registry/exchange.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { createConnections } from "./connections.ts";
import { JobAborted, RetryLater, type RunningJob } from "./job.ts";
import { referrersJob } from "./referrers-job.ts";
import { takeEvents } from "./take-events.ts";

// oras and cosign push what they attach by digest where a registry has the referrers API, as our own has: no tag is told of.
// The whole way, with a worker, is in referrers.integration.test.ts.

let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "00".repeat(32);
  await prepareQueues(testDb.url);
});
beforeEach(async () => {
  await database().delete(rules);
  await database().delete(events);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

interface Scene {
  origin: string;
  source: string;
  target: string;
  ruleId: string;
}

/** A source of our own, and a rule from it to somewhere. */
async function scene(intercept?: Intercept): Promise<Scene> {
  const registry = await temporaryRegistry(intercept ? { intercept } : {});
  onTestFinished(registry.stop);
  const [source, target] = [await seedInstance(database(), registry.origin), await seedInstance(database())];
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  return { origin: registry.origin, source, target, ruleId };
}

/** A task of the rule has copied these. */
async function copied({ ruleId, source, target }: Scene, tags: Record<string, Artifact>): Promise<void> {
  const taskId = randomUUID();
  const number = Math.floor(Math.random() * 1_000_000_000);
  await database()
    .insert(tasks)
    .values({
      ...{ id: taskId, number, ruleId, sourceInstanceId: source, trigger: "manual" },
      ...{ scope: { kind: "rule" }, status: "succeeded" },
    });
  await database()
    .insert(transfers)
    .values(
      Object.entries(tags).map(([tag, { manifest }]) => ({
        ...{ id: randomUUID(), taskId, ruleTargetId: randomUUID(), targetInstanceId: target, slice: 0, tag },
        ...{ repository: "team/app", targetRepository: "team/app", status: "copied" as const },
        digest: manifest.digest,
      })),
    );
}

async function tell(instanceId: string, digest: string, repository = "team/app"): Promise<string> {
  const id = randomUUID();
  await database()
    .insert(events)
    .values({ id, instanceId, dialect: "generic", eventId: id, action: "push", repository, digest });
  return id;
}

const becameOf = async (id: string) => {
  const [event] = await database().select().from(events).where(eq(events.id, id));
  return event
    ? {
        state: event.state,
        reason: event.reason,
        started: event.started.map(({ ruleId }) => ruleId),
      }
    : "forgotten";
};

/** Runs the job that a worker would run. */
async function look(source: string, how: Partial<RunningJob> = {}): Promise<void> {
  const { rows } = await database().execute<{ data: ReferrersJob }>(sql`
    select data from pgboss.job where name = ${REFERRERS} and data->>'instanceId' = ${source} order by created_on desc limit 1`);
  const data = rows[0]?.data;
  if (!data) {
    return;
  }
  const connections = createConnections(database(), allowAll);
  const { signal } = new AbortController();
  const job = {
    ...{ lease: { queue: REFERRERS, jobId: randomUUID(), attempt: 0 }, data, failures: 0 },
    ...{ lastAttempt: false, signal, draining: signal, abort: () => undefined, ...how },
  };
  await referrersJob
    .run(job as RunningJob<ReferrersJob>, { db: database(), connections })
    .finally(() => connections.close());
}

async function told(source: string, digest: string, repository?: string) {
  const id = await tell(source, digest, repository);
  await takeEvents(database());
  if (((await becameOf(id)) as { reason?: string }).reason === "looking") {
    await look(source);
  }
  return becameOf(id);
}

const small = (seed: string) => image({ layers: [layer(seed, 100)] });

async function attach({ origin }: Scene, { manifest: subject }: Artifact, name: string): Promise<string> {
  const attached = attachment({ artifactType: `application/vnd.example.${name}`, content: name, subject });
  await pushContent(origin, "team/app", attached.manifest.digest, attached);
  return attached.manifest.digest;
}

test("a signature starts the tags of what it signs, and so does what signs a signature", async () => {
  const at = await scene();
  const signed = small("signed");
  await pushContent(at.origin, "team/app", "1.0", signed);
  await copied(at, { "1.0": signed, latest: signed, "2.0": small("another") });
  const signature = attachment({ artifactType: "text/plain", content: "1", subject: signed.manifest });
  await pushContent(at.origin, "team/app", signature.manifest.digest, signature);
  const started = { state: "processed", reason: null, started: [at.ruleId] };
  expect(await told(at.source, signature.manifest.digest)).toEqual(started);
  const waiting = () =>
    database()
      .select()
      .from(tasks)
      .where(and(eq(tasks.ruleId, at.ruleId), eq(tasks.status, "pending")));
  const tags = ["1.0", "latest"].map((tag) => ({ repository: "team/app", tag }));
  expect(await waiting()).toMatchObject([{ trigger: "event", scope: { kind: "tags", tags } }]);
  // No record names the signature itself, but one names what it refers to.
  expect(await told(at.source, await attach(at, signature, "countersignature"))).toEqual(started);
  // Told twice, or of a worker that died after it had begun: nothing more.
  await look(at.source);
  expect(await waiting()).toHaveLength(1);
});

test("what concerns nothing that was synced is noted with its reason, and a part of an index is forgotten", async () => {
  const at = await scene();
  const [part, other] = [small("part"), small("never synced")];
  await pushContent(at.origin, "team/app", "1.0", index([part]));
  await pushContent(at.origin, "team/app", "2.0", other);
  await copied(at, { "1.0": index([part]) });
  const stranger = await attach(at, other, "signature");
  const ignored = (reason: string) => ({ state: "ignored", reason, started: [] });
  expect(await told(at.source, stranger)).toEqual(ignored("subject-unknown"));
  expect(await told(at.source, part.manifest.digest)).toBe("forgotten");
  expect(await told(at.source, piece("text/plain", "invented").digest)).toEqual(ignored("not-there"));
  expect(await told(at.source, stranger, "elsewhere/app")).toEqual(ignored("no-rule"));
  // Another instance that tells of the same has copied nothing from there.
  expect(await told(at.target, stranger)).toEqual(ignored("no-rule"));
  await copied(at, { "2.0": other });
  await database().update(rules).set({ tagPattern: "1\\..*" }).where(eq(rules.id, at.ruleId));
  expect(await told(at.source, stranger)).toEqual(ignored("subject-unknown"));
  await database().update(rules).set({ referrers: false }).where(eq(rules.id, at.ruleId));
  expect(await told(at.source, stranger)).toEqual(ignored("no-rule"));
});

test("a source that fails is asked again, later, and one that refuses is noted", async () => {
  let status: number | null = null;
  const at = await scene(({ method, url, response }) => {
    if (status === null || method !== "GET" || !url.pathname.includes("/manifests/sha256:")) {
      return undefined;
    }
    response.writeHead(status).end();
    return "answered";
  });
  const signed = small("asked again");
  await pushContent(at.origin, "team/app", "1.0", signed);
  await copied(at, { "1.0": signed });
  const signature = await attach(at, signed, "signature");
  status = 503;
  const id = await tell(at.source, signature);
  const also = await tell(at.source, signed.manifest.digest);
  await takeEvents(database());
  await expect(look(at.source)).rejects.toThrow(RetryLater);
  expect(await becameOf(id)).toMatchObject({ state: "accepted", reason: "looking" });
  const ending = AbortSignal.abort();
  await expect(look(at.source, { draining: ending })).rejects.toThrow(JobAborted);
  expect(await becameOf(id)).toMatchObject({ state: "accepted", reason: "looking" });
  status = null;
  await look(at.source);
  expect(await becameOf(id)).toMatchObject({ state: "processed", started: [at.ruleId] });
  expect(await becameOf(also)).toBe("forgotten");

  status = 403;
  expect(await told(at.source, signature)).toMatchObject({ state: "ignored", reason: "unread" });
  status = 503;
  const last = await tell(at.source, signature);
  await takeEvents(database());
  await look(at.source, { lastAttempt: true });
  expect(await becameOf(last)).toMatchObject({ state: "ignored", reason: "unread" });
}, 240_000);

test("a thousand wait to be read at most, and where there is no referrers API nothing is read", async () => {
  const { source } = await scene();
  const waiting = () =>
    database().$count(events, and(eq(events.state, "accepted"), eq(events.reason, "looking")));
  await database().execute(sql`
    insert into events (id, instance_id, dialect, event_id, action, repository, digest)
    select gen_random_uuid(), ${source}, 'generic', 'flood-' || n, 'push', 'team/app',
      'sha256:' || lpad(to_hex(n), 64, '0')
    from generate_series(1, 1200) n`);
  while ((await takeEvents(database())) > 0) {}
  expect(await waiting()).toBe(1_000);
  expect(await database().$count(events, eq(events.reason, "too-many"))).toBe(200);
  const { rows } = await database().execute<{ count: number }>(sql`
    select count(*)::int as count from pgboss.job where name = ${REFERRERS} and data->>'instanceId' = ${source}`);
  expect(rows[0]?.count).toBe(20);

  const probedAt = new Date().toISOString();
  const capabilities = { probedAt, software: null, list: true, referrers: false, delete: null, chunk: null };
  await database().update(instances).set({ capabilities }).where(eq(instances.id, source));
  const id = await tell(source, small("part of an index").manifest.digest);
  await takeEvents(database());
  expect(await becameOf(id)).toBe("forgotten");
});
