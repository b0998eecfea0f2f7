import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { tagClaims } from "../db/schema/transfers.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { LeaseLost } from "../queue/fence.ts";
import { releaseJob } from "../queue/job-attempt.ts";
import { MemoryRegistry, MemoryRepository } from "../registry/memory-repository.ts";
import type { Manifest } from "../registry/repository.ts";
import { copyTag } from "../sync/copy-tag.ts";
import { memoryPlacements } from "../sync/placements.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { copyLease } from "./copy-lease.testing.ts";
import { aloneAtTag, purgeTagClaims, tagsAreClaimed } from "./tag-claims.ts";

const signal = new AbortController().signal;
let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
});
afterEach(async () => {
  await database().delete(tagClaims);
  await database().delete(rules);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

/** A job at work, whose task is of no interest here. */
const lease = () => copyLease(randomUUID());

const place = (tag: string) => ({
  targetInstanceId: "00000000-0000-4000-8000-000000000000",
  repository: "app",
  tag,
});
const held = () => database().select().from(tagClaims);

/** A target where writing a tag takes a moment, and that says how often each was written. */
class Slow extends MemoryRepository {
  readonly written: string[] = [];

  override async pushManifest(
    manifest: Manifest,
    options: Parameters<MemoryRepository["pushManifest"]>[1] = {},
  ) {
    if (options.tag !== undefined) {
      this.written.push(options.tag);
      await sleep(2);
    }
    return super.pushManifest(manifest, options);
  }
}

/** One side of the race: a source with content of its own under every tag. */
async function side(name: string, tags: readonly string[]) {
  const source = new MemoryRepository("app", new MemoryRegistry(`memory://${name}`));
  const config = source.putBlob(Buffer.from(name));
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  for (const tag of tags) {
    source.putManifest({ schemaVersion: 2, mediaType, config, layers: [] } as never, tag);
  }
  return { source, lease: await lease(), placements: memoryPlacements() };
}

test("of two workers that overwrite nothing one writes a tag, and the other finds it: 200 races", async () => {
  const tags = Array.from({ length: 200 }, (_, n) => `${n}`);
  const target = new Slow("app", new MemoryRegistry("memory://target"));
  const sides = [await side("left", tags), await side("right", tags)];
  const bring = async ({ source, lease, placements }: (typeof sides)[number], tag: string) => {
    const digest = (await source.resolve(tag))?.digest ?? "";
    const outcome = await copyTag(
      { source, target, tag, digest, override: false },
      {
        ...{ placements, signal, onProgress: () => undefined },
        aloneAtTag: (write) => aloneAtTag({ db: database(), lease, signal }, place(tag), write),
      },
    );
    return outcome.status;
  };
  for (let from = 0; from < tags.length; from += 10) {
    const some = tags.slice(from, from + 10);
    const outcomes = await Promise.all(
      some.map(async (tag) => (await Promise.all(sides.map((each) => bring(each, tag)))).sort()),
    );
    expect(outcomes).toEqual(some.map(() => ["copied", "skipped"]));
  }
  expect(target.written.sort()).toEqual([...tags].sort());
  expect(await held()).toEqual([]);
}, 60_000);

test("whoever waits comes next, however the first one ends", async () => {
  const [first, second] = [await lease(), await lease()];
  const order: string[] = [];
  let fail = (_: Error) => {};
  const failing = aloneAtTag({ db: database(), lease: first, signal }, place("a"), () => {
    order.push("first");
    return new Promise<void>((_resolve, reject) => {
      fail = reject;
    });
  });
  await expect.poll(() => order).toEqual(["first"]);
  const waiting = aloneAtTag({ db: database(), lease: second, signal }, place("a"), async () => {
    order.push("second");
  });
  await aloneAtTag({ db: database(), lease: second, signal }, place("b"), async () => {
    order.push("elsewhere");
  });
  expect(order).toEqual(["first", "elsewhere"]);
  fail(new Error("the write failed"));
  await expect(failing).rejects.toThrow("the write failed");
  await waiting;
  expect(order).toEqual(["first", "elsewhere", "second"]);
  expect(await held()).toEqual([]);
});

test("the claim of an attempt that is over is nobody's; one that lost its lease gets none", async () => {
  const dead = await lease();
  const never = aloneAtTag(
    { db: database(), lease: dead, signal },
    place("a"),
    () => new Promise(() => undefined),
  );
  void never;
  await expect.poll(async () => (await held()).length).toBe(1);
  await releaseJob(database(), dead, { delayMs: 600_000, counts: false });
  expect(
    await aloneAtTag({ db: database(), lease: await lease(), signal }, place("a"), async () => "mine"),
  ).toBe("mine");
  await expect(
    aloneAtTag({ db: database(), lease: dead, signal }, place("a"), async () => "stale"),
  ).rejects.toBeInstanceOf(LeaseLost);
});

test("a stop ends the wait; what is left of the dead is removed, what is live stays", async () => {
  const [first, second, dead] = [await lease(), await lease(), await lease()];
  for (const [holder, tag] of [
    [first, "a"],
    [dead, "b"],
  ] as const) {
    void aloneAtTag(
      { db: database(), lease: holder, signal },
      place(tag),
      () => new Promise(() => undefined),
    );
  }
  await expect.poll(async () => (await held()).length).toBe(2);
  const stop = new AbortController();
  const waiting = aloneAtTag(
    { db: database(), lease: second, signal: stop.signal },
    place("a"),
    async () => "never",
  );
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await releaseJob(database(), dead, { delayMs: 600_000, counts: false });
  await purgeTagClaims(database());
  expect((await held()).map(({ tag }) => tag)).toEqual(["a"]);
});

test("tags are claimed where anybody who may write there overwrites nothing", async () => {
  const [source, target, other] = [
    await seedInstance(database()),
    await seedInstance(database()),
    await seedInstance(database()),
  ];
  const claimed = (override: boolean) => tagsAreClaimed(database(), { override }, target);
  expect(await claimed(false)).toBe(true);
  const ends = { sourceInstanceId: source, override: true };
  await seedRule(database(), { ...ends, targetInstanceIds: [target] });
  await seedRule(database(), { ...ends, targetInstanceIds: [other], override: false });
  expect(await claimed(true)).toBe(false);
  await seedRule(database(), { ...ends, targetInstanceIds: [target], override: false });
  expect(await claimed(true)).toBe(true);
});
