import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeDatabase, database, type OpenDatabase, openDatabase } from "../db/client.ts";
import { placements } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { type Lease, LeaseLost } from "../queue/fence.ts";
import { releaseJob } from "../queue/job-attempt.ts";
import { startTask } from "../queue/start-task.ts";
import { ContentError } from "../registry/errors.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import type { Claim } from "../sync/placements.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { plansOf, rowsRead } from "../testing/statement-plans.ts";
import { measured } from "../testing/sync-world.ts";
import { copyLease } from "./copy-lease.testing.ts";
import { JobAborted } from "./job.ts";
import { createPlacements, type TargetPlacements } from "./placements.ts";
import type { StoredUpload } from "./upload-memory.ts";
import type { Attempt } from "./upload-wanted.ts";

const signal = new AbortController().signal;
const open: TargetPlacements[] = [];
let testDb: TestDatabase;
let taskId: string;
let target: string;
/** Another worker: the same database over connections of its own. */
let elsewhere: OpenDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "00".repeat(32);
  await prepareQueues(testDb.url);
  elsewhere = openDatabase(testDb.url, { max: 4 });
  const source = await seedInstance(database());
  target = await seedInstance(database());
  const ruleId = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  const started = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  taskId = started.taskId;
});
afterEach(async () => {
  for (const each of open.splice(0)) {
    each.close();
  }
  await database().delete(placements);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await elsewhere?.close();
  await testDb?.drop();
});

const lease = () => copyLease(taskId);

function of(held: Lease, db = database(), attempt: Partial<Attempt> = {}): TargetPlacements {
  const made = createPlacements(db, held, { taskId, targetInstanceId: target, ...attempt });
  open.push(made);
  return made;
}

const mayPass = new ContentError("DIGEST_MISMATCH", "sha256:a", "sha256:b");

type Bring = Extract<Claim, { kind: "bring" }>;
const bring = (claim: Claim): Bring => {
  expect(claim.kind).toBe("bring");
  return claim as Bring;
};

test("of many who want the same content at once one brings it, and the others find it placed", async () => {
  const jobs = [of(await lease()), of(await lease(), elsewhere.db)];
  let brought = 0;
  const want = async (each: TargetPlacements) => {
    const claim = await each.claim("sha256:a", "team/app", { signal, mountable: true });
    if (claim.kind === "bring") {
      brought++;
      await sleep(20);
      await claim.placed();
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, n) => want(jobs[n % 2] as TargetPlacements)));
  expect(brought).toBe(1);
});

test("while it is brought to one repository others wait, then mount from there", async () => {
  const [first, second] = [of(await lease()), of(await lease(), elsewhere.db)];
  const flight = bring(await first.claim("sha256:b", "team/one", { signal, mountable: true }));
  let heard = null as Claim | null;
  const waiting = second.claim("sha256:b", "team/two", { signal, mountable: true }).then((claim) => {
    heard = claim;
  });
  await sleep(150);
  expect(heard).toBe(null);
  await flight.placed();
  await waiting;
  expect(heard).toMatchObject({ kind: "bring", mountFrom: "team/one" });
});

test("a claim of an attempt that died is taken over, and the dead one can change nothing more", async () => {
  const held = await lease();
  const [old, young] = [of(held), of(await lease(), elsewhere.db)];
  const dead = bring(await old.claim("sha256:c", "team/app", { signal, mountable: true }));
  await releaseJob(database(), held, { delayMs: 60_000, counts: false });
  const heir = bring(await young.claim("sha256:c", "team/app", { signal, mountable: true }));
  await dead.placed();
  await expect(old.settled()).rejects.toBeInstanceOf(LeaseLost);
  await dead.abandoned();
  await heir.placed();
  await young.settled();
  const rows = await database().select().from(placements).where(eq(placements.digest, "sha256:c"));
  expect(rows).toMatchObject([{ placed: true }]);
});

test("an abandoned claim frees whoever waits for it; a stop frees whoever waits", async () => {
  const [first, second] = [of(await lease()), of(await lease(), elsewhere.db)];
  const flight = bring(await first.claim("sha256:d", "team/app", { signal, mountable: true }));
  const next = second.claim("sha256:d", "team/app", { signal, mountable: true });
  await flight.abandoned();
  const taken = bring(await next);
  const stop = new AbortController();
  const stopped = first.claim("sha256:d", "team/app", { signal: stop.signal, mountable: true });
  await sleep(30);
  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("stopped");
  await taken.placed();
});

const chunk = (received: number) => ({ url: `http://target/upload?_state=at-${received}`, received });

test("how far an upload is outlives the attempt that died, and is forgotten when the blob is in place", async () => {
  const held = await lease();
  const dead = bring(await of(held).claim("sha256:e", "team/app", { signal, mountable: true }));
  expect(dead.upload?.begun).toBeUndefined();
  dead.upload?.keep(chunk(16));
  dead.upload?.keep(chunk(32));
  const sealedNow = async () =>
    (await database().select().from(placements).where(eq(placements.digest, "sha256:e")))[0]?.uploadSealed;
  await (dead.upload as StoredUpload).settled();
  expect(await sealedNow()).toMatch(/^v1\./);
  await releaseJob(database(), held, { delayMs: 60_000, counts: false });
  const young = of(await lease(), elsewhere.db);
  const heir = bring(await young.claim("sha256:e", "team/app", { signal, mountable: true }));
  expect(heir.upload?.begun).toEqual(chunk(32));
  // Whoever lost its lease writes nothing more down.
  dead.upload?.keep(chunk(48));
  await dead.abandoned();
  await heir.placed();
  await young.settled();
  expect(await sealedNow()).toBe(null);
});

test("an abandoned claim leaves its upload to the next flight, unless there is none, a person stopped the job, or it will not be tried again", async () => {
  const stop = new AbortController();
  const job = of(await lease(), database(), { signal: stop.signal });
  const claim = async () => bring(await job.claim("sha256:f", "team/app", { signal, mountable: true }));
  const first = await claim();
  first.upload?.keep(chunk(16));
  await first.abandoned();
  const second = await claim();
  expect(second.upload?.begun).toEqual(chunk(16));
  expect(second.upload?.wantedAfter(mayPass)).toBe(true);
  expect(second.upload?.wantedAfter(new ContentError("UNREADABLE_MANIFEST", "a", "b"))).toBe(false);
  second.upload?.keep(null);
  await second.abandoned();
  const third = await claim();
  expect(third.upload?.begun).toBeUndefined();
  stop.abort(new JobAborted("draining"));
  expect(third.upload?.wantedAfter(stop.signal.reason)).toBe(true);
  await third.abandoned();
  const stopped = new AbortController();
  const other = of(await lease(), database(), { signal: stopped.signal });
  stopped.abort(new JobAborted("stopped"));
  const last = bring(await other.claim("sha256:f", "team/app", { signal, mountable: true }));
  expect(last.upload?.wantedAfter(stopped.signal.reason)).toBe(false);
  await last.abandoned();
  const final = of(await lease(), database(), { signal, lastAttempt: true });
  const given = bring(await final.claim("sha256:f", "team/app", { signal, mountable: true }));
  expect(given.upload?.wantedAfter(mayPass)).toBe(false);
});

test("jobs that want the same hundred contents in opposite order neither block each other nor bring one twice", async () => {
  const jobs = await Promise.all(
    [1, 2, 3, 4].map(async (n) => of(await lease(), n % 2 ? database() : elsewhere.db)),
  );
  const digests = Array.from({ length: 100 }, (_, n) => `sha256:x${n}`);
  const brought: string[] = [];
  await Promise.all(
    jobs.flatMap((each, n) =>
      (n % 2 ? digests : digests.toReversed()).map(async (digest) => {
        const claim = await each.claim(digest, "team/app", { signal, mountable: true });
        if (claim.kind === "bring") {
          brought.push(digest);
          await claim.placed();
        }
      }),
    ),
  );
  expect(brought.sort()).toEqual(digests.sort());
}, 240_000);

test("what is not worth a question is agreed on within a worker: manifests, small blobs, and what can be mounted", async () => {
  const job = of(await lease());
  const bringing = async (digest: string, repository: string, sizeBytes?: number) => {
    const claim = bring(await job.claim(digest, repository, { signal, mountable: true, sizeBytes }));
    await claim.placed();
    await job.settled();
    return claim;
  };
  const manifest = async () => {
    const claim = bring(await job.claim("sha256:m", "team/one", { signal, mountable: false }));
    await claim.placed();
  };
  const large = 10_000_000;
  expect((await plansOf(() => bringing("sha256:g", "team/one", large))).length).toBeGreaterThan(0);
  const silent = await plansOf(async () => {
    await manifest();
    await bringing("sha256:h", "team/one", 65_535);
    expect(await bringing("sha256:g", "team/two", large)).toMatchObject({ mountFrom: "team/one" });
    expect(await job.claim("sha256:g", "team/two", { signal, mountable: true, sizeBytes: large })).toEqual({
      kind: "placed",
    });
  });
  expect(silent).toEqual([]);
  // Where it cannot be mounted after all, how far its upload came is written at its claim.
  const huge = 40_000_000;
  await bringing("sha256:i", "team/one", huge);
  expect((await plansOf(() => bringing("sha256:i", "team/two", huge))).length).toBeGreaterThan(0);
});

test("in a table of a hundred thousand placements a claim is a lookup, whatever the planner's statistics say", async () => {
  await database().execute(sql`analyze placements`);
  // In parts: on a busy machine one statement would take longer than a statement may.
  for (let from = 0; from < 100_000; from += 5_000) {
    await database().execute(sql`
      insert into placements
      select ${taskId}::uuid, ${target}::uuid, 'sha256:' || md5(n::text), 'team/app' || n % 50, true, ${randomUUID()}::uuid, 0
      from generate_series(${from}::int + 1, ${from}::int + 5000) n`);
  }
  const job = of(await lease());
  const claimAndLand = async (digest: string) =>
    bring(await job.claim(digest, "team/app", { signal, mountable: true }))
      .placed()
      .then(() => job.settled());
  const began = performance.now();
  await claimAndLand("sha256:y0");
  measured(`claim and landing among 100,000: ${(performance.now() - began).toFixed(1)} ms`);
  const plans = await plansOf(() => claimAndLand("sha256:y1"));
  const read = rowsRead(plans, "placements");
  expect(Object.keys(read)).not.toContain("Seq Scan");
  expect(Object.values(read).reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(20);
  expect(Math.max(...plans.map(({ buffers }) => buffers))).toBeLessThanOrEqual(200);
}, 240_000);
