import { randomUUID } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { database } from "../../db/client.ts";
import { placedTags } from "../../db/schema/deletions.ts";
import { events } from "../../db/schema/events.ts";
import { rules } from "../../db/schema/rules.ts";
import { tasks } from "../../db/schema/tasks.ts";
import { transfers } from "../../db/schema/transfers.ts";
import type { PlatformChoice } from "../../schemas/platform.ts";
import { clientOf, skopeoDigest } from "../../testing/clients.ts";
import { type Artifact, attestation, image, index, layer } from "../../testing/content.ts";
import { testDatabase } from "../../testing/database.ts";
import { takeEvents } from "../take-events.ts";
import { DeletionWorld, type Spoiled } from "./deletion-world.testing.ts";
import { broughtByAnother } from "./other-rules.ts";
import { rememberEarlier } from "./placed-tags.ts";

// Rules that mean only the newest tags, or only some platforms: tasks, events, deletions and echoes of them.

let world: DeletionWorld;
let source: Spoiled;
let target: Spoiled;
beforeAll(async () => {
  const testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  world = await DeletionWorld.open(testDb);
  [source, target] = [await world.registry(), await world.registry({ sparseIndexes: true })];
});
afterAll(async () => {
  await world?.close();
});

const TAGS = ["1.0", "1.1", "2.0", "2.1"];

async function change(ruleId: string, columns: Partial<typeof rules.$inferInsert>): Promise<void> {
  await database().update(rules).set(columns).where(eq(rules.id, ruleId));
}

/** An event of an instance, taken, and everything that follows of it. */
async function tell(instanceId: string, told: Partial<typeof events.$inferInsert>) {
  const id = randomUUID();
  const row = { id, instanceId, dialect: "generic", eventId: id, action: "push" } as const;
  await database()
    .insert(events)
    .values({ ...row, ...told });
  await takeEvents(database());
  await world.work();
  const [event] = await database().select().from(events).where(eq(events.id, id));
  return event?.reason ?? event?.state;
}

async function lastTask(ruleId: string) {
  const [task] = await database()
    .select({ status: tasks.status })
    .from(tasks)
    .where(eq(tasks.ruleId, ruleId))
    .orderBy(desc(tasks.id))
    .limit(1);
  return task?.status;
}

describe("the newest two tags", () => {
  async function synced() {
    const rule = await world.rule(source, [target]);
    await change(rule.ruleId, { newestTags: 2 });
    await world.push(source.origin, rule.repository, TAGS);
    await world.sync(rule.ruleId);
    expect(await world.tags(target.origin, rule.repository)).toEqual(["2.0", "2.1"]);
    return rule;
  }

  test("what newer ones leave out stays at the target, and is nobody's to delete from then on", async () => {
    const { ruleId, repository } = await synced();
    await world.push(source.origin, repository, ["2.2"]);
    await world.sync(ruleId);
    expect(await world.sweep(ruleId)).toMatchObject({ outcome: "counted", missing: 0 });
    expect([await world.states(ruleId), await world.placed(ruleId)]).toEqual([[], ["2.1", "2.2"]]);
    await world.remove(source.origin, repository, "2.0");
    await world.sync(ruleId);
    expect(await world.states(ruleId)).toEqual([]);
    expect(await world.tags(target.origin, repository)).toEqual(["2.0", "2.1", "2.2"]);
  });

  test("one of the newest that is gone at the source is followed", async () => {
    const { ruleId, repository } = await synced();
    await world.remove(source.origin, repository, "2.1");
    await world.sync(ruleId);
    expect(await world.states(ruleId)).toEqual(["2.1 pending"]);
    expect(await world.tags(target.origin, repository)).toEqual(["1.1", "2.0", "2.1"]);
    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["2.1 deleted"]);
    expect(await world.tags(target.origin, repository)).toEqual(["1.1", "2.0"]);
  });

  test("an event of a deletion that newer tags leave out is not followed, nor one that they leave out until it is due", async () => {
    const { ruleId, sourceId, repository } = await synced();
    await world.remove(source.origin, repository, "2.1");
    await tell(sourceId, { action: "delete", repository, tag: "2.1" });
    expect(await world.states(ruleId)).toEqual(["2.1 pending"]);
    await world.push(source.origin, repository, ["2.2", "2.3"]);
    await world.remove(source.origin, repository, "2.0");
    await tell(sourceId, { action: "delete", repository, tag: "2.0" });
    expect(await world.states(ruleId)).toEqual(["2.1 pending"]);
    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["2.1 withdrawn not-matched"]);
    expect(await world.tags(target.origin, repository)).toEqual(["2.0", "2.1"]);
  });

  test("a pushed tag is copied only if it is among them when it is read anew", async () => {
    const { ruleId, sourceId, repository } = await synced();
    await tell(sourceId, { repository, tag: "1.0" });
    expect(await lastTask(ruleId)).toBe("nothing-matched");
    await world.push(source.origin, repository, ["2.2", "2.3", "2.4"]);
    await tell(sourceId, { repository, tag: "2.2" });
    await tell(sourceId, { repository, tag: "2.4" });
    expect(await world.tags(target.origin, repository)).toEqual(["2.0", "2.1", "2.4"]);
  });

  test("an excluded tag, or one out of range, starts no task", async () => {
    const { ruleId, sourceId, repository } = await synced();
    await change(ruleId, { excludeTagPattern: ".*-rc.*", semverRange: "2.x" });
    expect(await tell(sourceId, { repository, tag: "2.5.0-rc1" })).toBe("no-rule");
    expect(await tell(sourceId, { repository, tag: "latest" })).toBe("no-rule");
    expect(await tell(sourceId, { repository, tag: "2.5.0" })).toBe("processed");
  });
});

describe("platforms", () => {
  let serial = 0;
  const imageFor = (architecture: string) =>
    image({
      layers: [layer(`${architecture} ${serial++}`, 500)],
      platform: { os: "linux", architecture },
    });

  async function multi(platforms: PlatformChoice) {
    const [amd64, arm64] = [imageFor("amd64"), imageFor("arm64")];
    const all = index([amd64, arm64, attestation(arm64, `${serial}`)]);
    const rule = await world.rule(source, [target]);
    await change(rule.ruleId, { platforms });
    await world.push(source.origin, rule.repository, ["1.0"], all);
    await world.push(source.origin, rule.repository, ["0.9"], amd64);
    await world.sync(rule.ruleId);
    return { ...rule, all, amd64, arm64 };
  }
  const at = (repository: string, reference: string) =>
    skopeoDigest(clientOf(target, { plainHttp: true }), repository, reference);
  const stands = (repository: string, { manifest }: Artifact) =>
    at(repository, manifest.digest).then(
      () => true,
      () => false,
    );

  async function transfer(repository: string, tag: string) {
    const [row] = await database()
      .select()
      .from(transfers)
      .where(eq(transfers.repository, repository))
      .orderBy(desc(transfers.id))
      .then((rows) => rows.filter((each) => each.tag === tag));
    return row;
  }

  test("a sparse index has its digest; the next task finds it up to date; other platforms are added when asked for", async () => {
    const { ruleId, repository, all, amd64, arm64 } = await multi({ mode: "sparse", names: ["linux/arm64"] });
    expect(await at(repository, "1.0")).toBe(all.manifest.digest);
    expect([await stands(repository, arm64), await stands(repository, amd64)]).toEqual([true, false]);
    expect(await transfer(repository, "0.9")).toMatchObject({ status: "skipped", reason: "platform-absent" });
    await world.sync(ruleId);
    expect(await transfer(repository, "1.0")).toMatchObject({ status: "up-to-date" });
    await change(ruleId, { platforms: null, partsBefore: true });
    await world.sync(ruleId);
    expect(await transfer(repository, "1.0")).toMatchObject({ status: "copied", targetDigest: null });
    expect(await stands(repository, amd64)).toBe(true);
  });

  test("a single image is known by its own digest: up to date, deleted, and no echo", async () => {
    const { ruleId, targetIds, namespace, repository, all, arm64 } = await multi({
      mode: "single",
      names: ["linux/arm64"],
    });
    const { digest } = arm64.manifest;
    expect(await at(repository, "1.0")).toBe(digest);
    expect(await transfer(repository, "1.0")).toMatchObject({
      status: "copied",
      digest: all.manifest.digest,
      targetDigest: digest,
    });
    const [placed] = await database().select().from(placedTags).where(eq(placedTags.ruleId, ruleId));
    expect(placed?.digest).toBe(digest);
    await world.sync(ruleId);
    expect(await transfer(repository, "1.0")).toMatchObject({ status: "up-to-date", targetDigest: digest });

    // A rule the other way round would lay the one image over its index.
    const back = await world.rule(target, [source]);
    await change(back.ruleId, { sourceInstanceId: targetIds[0] ?? "", sourceNamespace: namespace });
    const { rows } = await database().execute<{ source: string }>(
      `select source_instance_id as source from rules where id = '${ruleId}'`,
    );
    await database().execute(
      `update rule_targets set instance_id = '${rows[0]?.source}' where rule_id = '${back.ruleId}'`,
    );
    expect(await tell(targetIds[0] ?? "", { repository, tag: "1.0", digest })).toBe("echo");
    await change(back.ruleId, { enabled: false });

    // What was copied before deletions were followed is remembered by what stands at the target, and not what came from charts.
    const remembered = async (store: "charts" | null) => {
      await database().update(transfers).set({ store }).where(eq(transfers.targetRepository, repository));
      await database().delete(placedTags).where(eq(placedTags.ruleId, ruleId));
      await database().transaction((tx) => rememberEarlier(tx, ruleId));
      const rows = await database().select().from(placedTags).where(eq(placedTags.ruleId, ruleId));
      return rows.map((row) => row.digest);
    };
    expect(await remembered("charts")).toEqual([]);
    const place = { targetInstanceId: targetIds[0] ?? "", targetRepository: repository, tag: "1.0", digest };
    expect(await broughtByAnother(database(), { ...place, ruleId: back.ruleId })).toBe(true);
    expect(await broughtByAnother(database(), { ...place, ruleId })).toBe(false);
    expect(await remembered(null)).toEqual([digest]);

    await world.remove(source.origin, repository, "1.0");
    await world.sync(ruleId);
    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["1.0 deleted"]);
  });
});
