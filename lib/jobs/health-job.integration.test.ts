import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { instancePasswordPlace } from "../db/instance-connection.ts";
import { claimDueChecks, recordCheck } from "../db/instance-health.ts";
import { instanceChecks } from "../db/schema/history.ts";
import { instances } from "../db/schema/instances.ts";
import { HEALTH, type HealthJob } from "../queue/queues.ts";
import { egressRule } from "../registry/egress.ts";
import { seal } from "../secrets.ts";
import { createTestCa, type TestCa } from "../testing/certificates.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { temporaryRegistry } from "../testing/registry/temporary-registry.ts";
import { seedInstance } from "../testing/seed.ts";
import { type Connections, createConnections } from "./connections.ts";
import { healthJob, momentsOf } from "./health-job.ts";
import type { RunningJob } from "./job.ts";

const ACCOUNT = { username: "robot", password: "correct-horse-battery" };
const cleanups: (() => Promise<unknown>)[] = [];
let testDb: TestDatabase;
let ca: TestCa;
let guarded: DockerRegistry;
let connections: Connections;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  ca = await createTestCa();
  guarded = await startDockerRegistry({ htpasswd: ACCOUNT, tls: ca });
});
beforeEach(() => {
  connections = createConnections(database(), egressRule(["127.0.0.1/32"]));
});
afterEach(async () => {
  await connections.close();
  for (const cleanup of cleanups.splice(0)) {
    await cleanup();
  }
  await database().delete(instances);
});
afterAll(async () => {
  await guarded?.stop();
  await ca?.remove();
  await closeDatabase();
  await testDb?.drop();
});

function run(data: HealthJob = {}, signals: Partial<Pick<RunningJob, "signal" | "draining">> = {}) {
  const job: RunningJob<HealthJob> = {
    lease: { queue: HEALTH, jobId: randomUUID(), attempt: 0 },
    data,
    lastAttempt: true,
    failures: 0,
    signal: new AbortController().signal,
    draining: new AbortController().signal,
    abort: () => undefined,
    ...signals,
  };
  return healthJob.run(job, { db: database(), connections });
}

const rowOf = async (id: string) =>
  (await database().select().from(instances).where(eq(instances.id, id)))[0] as typeof instances.$inferSelect;
const checksOf = (id: string) =>
  database()
    .select()
    .from(instanceChecks)
    .where(eq(instanceChecks.instanceId, id))
    .orderBy(asc(instanceChecks.at));
const makeDue = () => database().update(instances).set({ healthDueAt: sql`now() - interval '1 second'` });

async function guardedInstance(password = ACCOUNT.password): Promise<string> {
  const id = await seedInstance(database(), guarded.origin);
  await database()
    .update(instances)
    .set({
      username: ACCOUNT.username,
      passwordSealed: seal(password, instancePasswordPlace(id)),
      caCertificate: ca.certificate,
    })
    .where(eq(instances.id, id));
  return id;
}

test("each check is the instance's health and a point of its history; once a day it also finds out what it can do", async () => {
  const id = await guardedInstance();
  await run();
  const first = await rowOf(id);
  expect(first).toMatchObject({
    healthStatus: "healthy",
    healthCode: null,
    healthLatencyMs: expect.any(Number),
    capabilities: { software: "Distribution", list: true, referrers: false, delete: null, chunk: null },
  });
  expect(await checksOf(id)).toMatchObject([
    { status: "healthy", latencyMs: first.healthLatencyMs, code: null },
  ]);

  // Not due yet: nobody asks again.
  await run();
  expect(await checksOf(id)).toHaveLength(1);

  await makeDue();
  await run();
  expect(await checksOf(id)).toHaveLength(2);
  expect((await rowOf(id)).capabilities).toEqual(first.capabilities);

  await database().execute(sql`
    update instances set health_due_at = now() - interval '1 second',
      capabilities = jsonb_set(capabilities, '{probedAt}', to_jsonb((now() - interval '25 hours')::text))`);
  await run();
  expect(Date.parse((await rowOf(id)).capabilities?.probedAt ?? "")).toBeGreaterThan(Date.now() - 60_000);
});

test("an instance that is not reached, and one that refuses us, keep the others from nothing", async () => {
  const gone = await seedInstance(database(), "http://127.0.0.1:9");
  const refusing = await guardedInstance("wrong");
  const registry = await temporaryRegistry();
  cleanups.push(registry.stop);
  const good = await seedInstance(database(), registry.origin);
  await run();
  expect(await checksOf(gone)).toMatchObject([
    { status: "unreachable", latencyMs: null, code: "UNREACHABLE" },
  ]);
  expect(await rowOf(gone)).toMatchObject({
    healthStatus: "unreachable",
    healthDetail: null,
    capabilities: null,
  });
  expect(await checksOf(refusing)).toMatchObject([{ status: "unreachable", code: "UNAUTHORIZED" }]);
  expect(await rowOf(good)).toMatchObject({ healthStatus: "healthy", capabilities: { referrers: true } });
});

test("two workers at once check each instance once", async () => {
  for (let n = 0; n < 30; n++) {
    await seedInstance(database(), "http://127.0.0.1:9");
  }
  await Promise.all([run(), run(), run()]);
  const checks = await database().select().from(instanceChecks);
  expect(checks).toHaveLength(30);
  expect(new Set(checks.map(({ instanceId }) => instanceId)).size).toBe(30);
});

test("the checks of a round begin evenly: a few instances at once, 500 spread over 40 s", () => {
  expect(momentsOf(1)).toEqual([0]);
  const moments = momentsOf(500);
  expect(moments).toHaveLength(500);
  const seconds = new Map<number, number>();
  for (const at of moments) {
    expect(at).toBeGreaterThanOrEqual(0);
    seconds.set(Math.floor(at / 1000), (seconds.get(Math.floor(at / 1000)) ?? 0) + 1);
  }
  expect(seconds.size).toBe(40);
  // Twelve and a half are a second's share; at either end one more may fall into it.
  expect(Math.max(...seconds.values())).toBeLessThanOrEqual(14);
});

test("never more than 16 instances are asked at once, however slowly they answer", async () => {
  const count = 32;
  const answers = Promise.withResolvers<void>();
  let open = 0;
  let most = 0;
  const registry = await temporaryRegistry({
    intercept: async ({ response }) => {
      most = Math.max(most, ++open);
      response.once("close", () => open--);
      await answers.promise;
      return undefined;
    },
  });
  cleanups.push(registry.stop);
  const capabilities = {
    probedAt: new Date().toISOString(),
    ...{ software: null, list: true, referrers: true, delete: null, chunk: null },
  };
  await database()
    .insert(instances)
    .values(
      Array.from({ length: count }, (_, n) => ({
        id: randomUUID(),
        name: `i${n}`,
        address: registry.origin,
        vendor: "generic" as const,
        plainHttp: true,
        capabilities,
      })),
    );
  const round = run();
  await vi.waitUntil(() => open === 16, { timeout: 60_000, interval: 20 });
  // By now every check of the round wants to begin.
  await sleep(Math.max(...momentsOf(count)) + 500);
  answers.resolve();
  await round;
  expect((await database().select().from(instanceChecks)).length).toBe(count);
  expect(most).toBe(16);
});

test("a worker that is told to end begins no more checks; an aborted one writes nothing", async () => {
  const id = await guardedInstance();
  await run({}, { draining: AbortSignal.abort() });
  expect(await checksOf(id)).toEqual([]);
  await makeDue();
  await run({}, { signal: AbortSignal.abort() });
  expect(await checksOf(id)).toEqual([]);
});

test("an instance that was edited while it was checked stays unchecked", async () => {
  const id = await seedInstance(database());
  const check = { status: "healthy", latencyMs: 3, code: null, detail: null } as const;
  expect(await recordCheck(database(), { instanceId: id, version: 2 }, check)).toBeNull();
  expect(await rowOf(id)).toMatchObject({ healthStatus: "unknown", healthCheckedAt: null });
  expect(await checksOf(id)).toEqual([]);
});

test("what has been away for an hour is asked every five minutes, and again every minute once it is back", async () => {
  const id = await seedInstance(database());
  const away = { status: "unreachable", latencyMs: null, code: "TIMEOUT", detail: null } as const;
  const dueInS = async () => {
    const { rows } = await database().execute<{ s: number }>(
      sql`select round(extract(epoch from health_due_at - now()))::int as s from instances where id = ${id}`,
    );
    return rows[0]?.s;
  };
  await recordCheck(database(), { instanceId: id, version: 1 }, away);
  expect(await dueInS()).toBe(50);
  await database().execute(sql`update instance_checks set at = at - interval '61 minutes'`);
  await recordCheck(database(), { instanceId: id, version: 1 }, away);
  expect(await dueInS()).toBe(290);
  await recordCheck(
    database(),
    { instanceId: id, version: 1 },
    { ...away, status: "healthy", latencyMs: 3, code: null },
  );
  expect(await dueInS()).toBe(50);
  await recordCheck(database(), { instanceId: id, version: 1 }, away);
  expect(await dueInS()).toBe(50);
});

test("only what nobody has checked yet, when asked so", async () => {
  const [fresh, known] = [await seedInstance(database()), await seedInstance(database())];
  await database().update(instances).set({ healthStatus: "healthy" }).where(eq(instances.id, known));
  expect((await claimDueChecks(database(), { unknownOnly: true })).map(({ id }) => id)).toEqual([fresh]);
  expect((await claimDueChecks(database(), { unknownOnly: false })).map(({ id }) => id)).toEqual([known]);
});
