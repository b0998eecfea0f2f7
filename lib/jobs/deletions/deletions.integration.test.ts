import { randomUUID } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { database } from "../../db/client.ts";
import { deletions } from "../../db/schema/deletions.ts";
import { events } from "../../db/schema/events.ts";
import { rules } from "../../db/schema/rules.ts";
import { cosignTags } from "../../registry/digest-tag.ts";
import { type Artifact, attachment } from "../../testing/content.ts";
import { testDatabase } from "../../testing/database.ts";
import { pushContent } from "../../testing/push-content.ts";
import type { Intercept } from "../../testing/registry/exchange.ts";
import { takeEvents } from "../take-events.ts";
import { artifact, DeletionWorld, type Spoiled } from "./deletion-world.testing.ts";
import { rememberEarlier } from "./placed-tags.ts";
import { purgeDeletions } from "./purge-deletions.ts";

let world: DeletionWorld;
let source: Spoiled;
let target: Spoiled;
beforeAll(async () => {
  const testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  world = await DeletionWorld.open(testDb);
  [source, target] = [await world.registry(), await world.registry()];
});
afterAll(async () => {
  await world?.close();
});

const TAGS = ["1.0", "1.1", "2.0", "2.1"];
type Rule = Awaited<ReturnType<DeletionWorld["rule"]>>;

/** A rule that has copied {@link TAGS}. */
async function synced(options: { share?: number } = {}): Promise<Rule> {
  const rule = await world.rule(source, [target], options);
  await world.push(source.origin, rule.repository, TAGS);
  await world.sync(rule.ruleId);
  expect(await world.tags(target.origin, rule.repository)).toEqual(TAGS);
  return rule;
}

/** … of which 1.0 is gone at the source and was noticed. */
async function noticed(): Promise<Rule> {
  const rule = await synced();
  await world.remove(source.origin, rule.repository, "1.0");
  await world.sync(rule.ruleId);
  expect(await world.states(rule.ruleId)).toEqual(["1.0 pending"]);
  return rule;
}

/** Pushes what refers to an image by its digest, as clients do. */
async function pushAttached(origin: string, repository: string, attached: Artifact): Promise<void> {
  const { digest } = attached.manifest;
  await pushContent(origin, repository, "for-a-moment", attached);
  await world.remove(origin, repository, "for-a-moment");
  expect((await fetch(`${origin}/v2/${repository}/manifests/${digest}`)).status).toBe(200);
}

async function referrersOf(origin: string, repository: string, { manifest }: Artifact): Promise<unknown[]> {
  const answer = await fetch(`${origin}/v2/${repository}/referrers/${manifest.digest}`);
  return ((await answer.json()) as { manifests: unknown[] }).manifests;
}

/** Answers every request below a path in the registry's place. */
function answering(path: RegExp, status: number, body: unknown): Intercept {
  return ({ url, response }) => {
    if (!path.test(url.pathname)) {
      return undefined;
    }
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
    return "answered";
  };
}

async function spoiled(registry: Spoiled, intercept: Intercept, run: () => Promise<unknown>): Promise<void> {
  registry.spoil(intercept);
  try {
    await run();
  } finally {
    registry.spoil(null);
  }
}

describe("a tag that is gone at the source", () => {
  test("is noticed by the next comparison, waits for the delay, and goes; nothing else does", async () => {
    const { ruleId, repository } = await noticed();
    expect(await world.sweep(ruleId)).toEqual({ outcome: "counted", missing: 1, known: 4 });
    const [row] = await world.rows(ruleId);
    expect(row?.dueAt?.getTime()).toBeCloseTo((row?.noticedAt.getTime() ?? 0) + 24 * 3_600_000, -4);
    await world.work();
    expect(await world.tags(target.origin, repository)).toEqual(TAGS);

    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["1.0 deleted"]);
    expect(await world.tags(target.origin, repository)).toEqual(["1.1", "2.0", "2.1"]);
    expect(await world.placed(ruleId)).toEqual(["1.1", "2.0", "2.1"]);
  });

  test("is put back as it was while it can be undone, and is left alone from then on", async () => {
    const { ruleId, repository } = await noticed();
    await world.carryOut(ruleId);
    await database()
      .update(deletions)
      .set({ restoreRequestedAt: sql`now()` })
      .where(eq(deletions.ruleId, ruleId));
    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["1.0 restored"]);
    expect(await world.tags(target.origin, repository)).toEqual(TAGS);
    await world.sync(ruleId);
    expect(await world.states(ruleId)).toEqual(["1.0 restored"]);
  });

  test("takes what belongs to it along, and is put back with it", async () => {
    const rule = await world.rule(source, [target], { share: 100 });
    const image = artifact("signed");
    await world.push(source.origin, rule.repository, ["1.0"], image);
    await world.push(source.origin, rule.repository, ["2.0", "2.1", "2.2"], artifact("shared"));
    const attached = (subject: Artifact) =>
      attachment({ artifactType: "application/vnd.example.sbom", content: "{}", subject: subject.manifest });
    const [signature = ""] = cosignTags(image.manifest.digest);
    const [shared = ""] = cosignTags(artifact("shared").manifest.digest);
    await world.push(source.origin, rule.repository, [signature, shared], attached(artifact("any")));
    await pushAttached(source.origin, rule.repository, attached(image));
    await world.sync(rule.ruleId);
    const all = ["1.0", "2.0", "2.1", "2.2", signature, shared].toSorted();
    expect(await world.tags(target.origin, rule.repository)).toEqual(all);
    expect(await referrersOf(target.origin, rule.repository, image)).toHaveLength(1);

    await world.remove(source.origin, rule.repository, "1.0");
    await world.remove(source.origin, rule.repository, "2.0");
    await world.sync(rule.ruleId);
    await world.carryOut(rule.ruleId);
    expect(await world.states(rule.ruleId)).toEqual(["1.0 deleted", "2.0 deleted"]);
    // The image of 2.0 has other tags: what signs it stays.
    expect(await world.tags(target.origin, rule.repository)).toEqual(["2.1", "2.2", shared].toSorted());
    expect(await referrersOf(target.origin, rule.repository, image)).toEqual([]);

    await database()
      .update(deletions)
      .set({ restoreRequestedAt: sql`now()` })
      .where(and(eq(deletions.ruleId, rule.ruleId), eq(deletions.tag, "1.0")));
    await world.carryOut(rule.ruleId);
    expect(await world.states(rule.ruleId)).toEqual(["1.0 restored", "2.0 deleted"]);
    expect(await world.tags(target.origin, rule.repository)).toEqual(all.filter((tag) => tag !== "2.0"));
    expect(await referrersOf(target.origin, rule.repository, image)).toHaveLength(1);
  });

  test("is not put back over what somebody else pushed there since", async () => {
    const { ruleId, repository } = await noticed();
    await world.carryOut(ruleId);
    await world.push(target.origin, repository, ["1.0"], artifact("somebody else's"));
    await database()
      .update(deletions)
      .set({ restoreRequestedAt: sql`now()` })
      .where(eq(deletions.ruleId, ruleId));
    await world.carryOut(ruleId);
    expect(await world.states(ruleId)).toEqual(["1.0 deleted taken"]);
  });

  test("what was at the target before the rule is never touched", async () => {
    const rule = await world.rule(source, [target]);
    await world.push(source.origin, rule.repository, TAGS);
    await world.push(target.origin, rule.repository, ["1.0"]);
    await world.sync(rule.ruleId);
    await world.remove(source.origin, rule.repository, "1.0");
    await world.remove(source.origin, rule.repository, "1.1");
    await world.sync(rule.ruleId);
    expect(await world.states(rule.ruleId)).toEqual(["1.1 pending"]);
  });

  test("nothing is noted of a rule that does not follow deletions", async () => {
    const { ruleId, repository } = await synced();
    await database().update(rules).set({ followDeletions: false }).where(eq(rules.id, ruleId));
    await world.remove(source.origin, repository, "1.0");
    await world.sync(ruleId);
    expect(await world.states(ruleId)).toEqual([]);
  });
});

describe("an event that tells of a deletion", () => {
  async function tell(sourceId: string, told: Partial<typeof events.$inferInsert>) {
    const id = randomUUID();
    const row = { id, instanceId: sourceId, dialect: "generic", eventId: id, action: "delete" } as const;
    await database()
      .insert(events)
      .values({ ...row, ...told });
    await takeEvents(database());
    await world.work();
    const [event] = await database().select().from(events).where(eq(events.id, id));
    return { state: event?.state, reason: event?.reason };
  }
  const followed = { state: "processed", reason: "deletion-followed" };

  test("has its tag noted once the source agrees, to be deleted in minutes; told twice it is one", async () => {
    const { ruleId, sourceId, repository } = await synced();
    await world.remove(source.origin, repository, "1.0");
    expect(await tell(sourceId, { repository, tag: "1.0" })).toEqual(followed);
    await tell(sourceId, { repository, tag: "1.0" });
    const [row, ...more] = await world.rows(ruleId);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ state: "pending", cause: "event", tag: "1.0" });
    expect(row?.dueAt?.getTime()).toBeCloseTo((row?.noticedAt.getTime() ?? 0) + 600_000, -4);
    await world.carryOut(ruleId);
    expect(await world.tags(target.origin, repository)).toEqual(["1.1", "2.0", "2.1"]);
  });

  test("that names only a digest means the tags of it that we brought", async () => {
    const { ruleId, sourceId, repository } = await synced();
    await world.remove(source.origin, repository, "1.0");
    const { digest } = artifact(`${repository}:1.0`).manifest;
    expect(await tell(sourceId, { repository, tag: null, digest })).toEqual(followed);
    expect(await world.states(ruleId)).toEqual(["1.0 pending"]);
  });

  test("is a hint: of what is still there nothing is noted", async () => {
    const { ruleId, sourceId, repository } = await synced();
    expect(await tell(sourceId, { repository, tag: "1.0" })).toEqual(followed);
    expect(await world.states(ruleId)).toEqual([]);
  });

  test("of what no rule has brought is ignored, and so is one of another instance", async () => {
    const { ruleId, targetIds, repository } = await synced();
    await world.remove(source.origin, repository, "1.0");
    const ignored = { state: "ignored", reason: "deletion" };
    expect(await tell(targetIds[0] ?? "", { repository, tag: "1.0" })).toEqual(ignored);
    expect(await tell(targetIds[0] ?? "", { repository, tag: "never" })).toEqual(ignored);
    expect(await world.states(ruleId)).toEqual([]);
  });

  test("of very many at once holds them all", async () => {
    const { ruleId, sourceId, repository } = await synced();
    const other = repository.replace(/app$/, "other");
    await world.push(source.origin, other, ["0.1", ...TAGS]);
    await world.sync(ruleId);
    for (const tag of TAGS) {
      await world.remove(source.origin, other, tag);
      await tell(sourceId, { repository: other, tag });
    }
    expect(await world.states(ruleId)).toEqual(TAGS.map((tag) => `${tag} held share-exceeded`));
  });
});

interface Unnoticed {
  name: string;
  outcome: string;
  spoil: (rule: Rule) => Intercept;
}

describe("a comparison that says nothing about what is gone", () => {
  test.each<Unnoticed>([
    {
      name: "the source lists nothing",
      outcome: "empty",
      spoil: () => answering(/^\/v2\/_catalog$/, 200, { repositories: [] }),
    },
    {
      name: "the source answers 500",
      outcome: "failed",
      spoil: () => answering(/^\/v2\/_catalog$/, 500, {}),
    },
    {
      name: "the list of tags answers 403",
      outcome: "failed",
      spoil: ({ repository }) => answering(new RegExp(`^/v2/${repository}/tags`), 403, {}),
    },
    {
      name: "everything of the namespace answers 404",
      outcome: "empty",
      spoil: ({ namespace }) =>
        answering(new RegExp(`^/v2/${namespace}/`), 404, { errors: [{ code: "NAME_UNKNOWN" }] }),
    },
    {
      name: "the repository lists no tags",
      outcome: "empty",
      spoil: ({ repository }) => answering(new RegExp(`^/v2/${repository}/tags`), 200, { tags: null }),
    },
    {
      name: "access was taken away",
      outcome: "failed",
      spoil: ({ repository }) =>
        answering(new RegExp(`^/v2/${repository}/`), 403, { errors: [{ code: "DENIED" }] }),
    },
  ])("$name", { timeout: 240_000 }, async ({ outcome, spoil }) => {
    const rule = await synced();
    await spoiled(source, spoil(rule), () => world.sync(rule.ruleId));
    expect(await world.sweep(rule.ruleId)).toMatchObject({ outcome });
    expect(await world.states(rule.ruleId)).toEqual([]);
  });

  test("one repository cannot be read: what is missing elsewhere does not count either", {
    timeout: 240_000,
  }, async () => {
    const rule = await synced();
    const other = `${rule.namespace}/other`;
    await world.push(source.origin, other, TAGS);
    await world.sync(rule.ruleId);
    await world.remove(source.origin, rule.repository, "1.0");
    const broken = answering(new RegExp(`^/v2/${other}/tags`), 403, {});
    await spoiled(source, broken, () => world.sync(rule.ruleId));
    expect(await world.sweep(rule.ruleId)).toMatchObject({ outcome: "partial" });
    expect(await world.states(rule.ruleId)).toEqual([]);
  });

  test("a tag that the list forgot is there when it is asked for", async () => {
    const { ruleId, repository } = await synced();
    const short = answering(new RegExp(`^/v2/${repository}/tags`), 200, { tags: TAGS.slice(1) });
    await spoiled(source, short, () => world.sync(ruleId));
    expect(await world.states(ruleId)).toEqual([]);
  });
});

describe("more than may go unasked", () => {
  test("is held until a person confirms it, with what was pending before", async () => {
    const rule = await world.rule(source, [target]);
    const many = Array.from({ length: 20 }, (_, n) => `b${String(n).padStart(2, "0")}`);
    await world.push(source.origin, rule.repository, many);
    await world.sync(rule.ruleId);
    await world.remove(source.origin, rule.repository, "b00");
    await world.sync(rule.ruleId);
    expect(await world.states(rule.ruleId)).toEqual(["b00 pending"]);
    for (const tag of ["b01", "b02", "b03"]) {
      await world.remove(source.origin, rule.repository, tag);
    }
    await world.sync(rule.ruleId);
    const held = ["b00", "b01", "b02", "b03"].map((tag) => `${tag} held share-exceeded`);
    expect(await world.states(rule.ruleId)).toEqual(held);
    expect(await world.sweep(rule.ruleId)).toMatchObject({ outcome: "held", missing: 3 });
    await world.carryOut(rule.ruleId);
    expect(await world.tags(target.origin, rule.repository)).toEqual(many);
  });

  test("counts over the day, not only at once", async () => {
    const rule = await world.rule(source, [target]);
    const many = Array.from({ length: 20 }, (_, n) => `b${String(n).padStart(2, "0")}`);
    await world.push(source.origin, rule.repository, many);
    await world.sync(rule.ruleId);
    for (const [index, tag] of ["b00", "b01", "b02", "b03"].entries()) {
      await world.remove(source.origin, rule.repository, tag);
      await world.sync(rule.ruleId);
      await world.carryOut(rule.ruleId);
      const states = await world.states(rule.ruleId);
      expect(states.at(-1)).toBe(index < 3 ? `${tag} deleted` : `${tag} held share-exceeded`);
    }
  });

  test("a whole repository is held, however small", async () => {
    const { ruleId, namespace } = await synced();
    const other = `${namespace}/other`;
    await world.push(source.origin, other, ["9.0"]);
    await world.sync(ruleId);
    await world.remove(source.origin, other, "9.0");
    await world.sync(ruleId);
    expect(await world.states(ruleId)).toEqual(["9.0 held repository-empty"]);
  });
});

interface Refused {
  name: string;
  /** What happens between noticing and the due time. */
  meanwhile: (rule: Rule) => Promise<unknown>;
  spoilSource?: (rule: Rule) => Intercept;
  spoilTarget?: (rule: Rule) => Intercept;
  states: string[];
}

describe("when it is due, everything is asked anew", () => {
  const nothing = async () => undefined;
  test.each<Refused>([
    {
      name: "the tag came back at the source",
      meanwhile: ({ repository }) => world.push(source.origin, repository, ["1.0"], artifact("anew")),
      states: ["1.0 withdrawn came-back"],
    },
    {
      name: "somebody moved the tag at the target",
      meanwhile: ({ repository }) => world.push(target.origin, repository, ["1.0"], artifact("theirs")),
      states: ["1.0 refused moved"],
    },
    {
      name: "somebody deleted it at the target",
      meanwhile: ({ repository }) => world.remove(target.origin, repository, "1.0"),
      states: ["1.0 withdrawn gone-already"],
    },
    {
      name: "the rule was switched off",
      meanwhile: ({ ruleId }) => database().update(rules).set({ enabled: false }).where(eq(rules.id, ruleId)),
      states: ["1.0 pending"],
    },
    {
      name: "the rule follows deletions no more",
      meanwhile: ({ ruleId }) =>
        database().update(rules).set({ followDeletions: false }).where(eq(rules.id, ruleId)),
      states: ["1.0 pending"],
    },
    {
      name: "the target was paused",
      meanwhile: ({ ruleId }) => world.pauseTarget(ruleId),
      states: ["1.0 pending"],
    },
    {
      name: "the rule no longer means the tag",
      meanwhile: ({ ruleId }) =>
        database().update(rules).set({ tagPattern: "2.*" }).where(eq(rules.id, ruleId)),
      states: ["1.0 withdrawn not-matched"],
    },
    {
      name: "the source fails",
      meanwhile: nothing,
      spoilSource: ({ repository }) => answering(new RegExp(`^/v2/${repository}/`), 403, {}),
      states: ["1.0 pending source-failed"],
    },
    {
      name: "the source is empty by now",
      meanwhile: nothing,
      spoilSource: () => answering(/^\/v2\/ns/, 404, { errors: [{ code: "NAME_UNKNOWN" }] }),
      states: ["1.0 held repository-empty"],
    },
    {
      name: "the source lists the tag and does not have it",
      meanwhile: nothing,
      spoilSource: ({ repository }) => answering(new RegExp(`^/v2/${repository}/tags`), 200, { tags: TAGS }),
      states: ["1.0 pending source-unsure"],
    },
    {
      name: "the target does not delete",
      meanwhile: nothing,
      spoilTarget: () => refusing("DELETE", 405, "UNSUPPORTED"),
      states: ["1.0 refused unsupported"],
    },
    {
      name: "the account may not delete",
      meanwhile: nothing,
      spoilTarget: () => refusing("DELETE", 403, "DENIED"),
      states: ["1.0 refused denied"],
    },
    {
      name: "another tag shares the digest, and the target deletes by digest only",
      meanwhile: ({ repository }) =>
        world.push(target.origin, repository, ["latest"], artifact(`${repository}:1.0`)),
      spoilTarget: () => refusing("DELETE", 400, "DIGEST_INVALID", /manifests\/1\.0$/),
      states: ["1.0 refused shared-digest"],
    },
    {
      name: "the target accepts and does nothing",
      meanwhile: nothing,
      spoilTarget: () => refusing("DELETE", 202, ""),
      states: ["1.0 failed still-there"],
    },
  ])("$name", { timeout: 240_000 }, async ({ meanwhile, spoilSource, spoilTarget, states }) => {
    const rule = await noticed();
    await meanwhile(rule);
    const before = await world.tags(target.origin, rule.repository);
    source.spoil(spoilSource?.(rule) ?? null);
    target.spoil(spoilTarget?.(rule) ?? null);
    try {
      await world.carryOut(rule.ruleId);
    } finally {
      source.spoil(null);
      target.spoil(null);
    }
    expect(await world.states(rule.ruleId)).toEqual(states);
    expect(await world.tags(target.origin, rule.repository)).toEqual(before);
  });

  test("another rule has brought the same content to the same place", async () => {
    const first = await noticed();
    const elsewhere = await world.registry();
    const second = await world.rule(elsewhere, [target]);
    await database()
      .update(rules)
      .set({ sourceNamespace: first.namespace, followDeletions: false })
      .where(eq(rules.id, second.ruleId));
    await database().execute(
      sql`update rule_targets set instance_id = ${first.targetIds[0]} where rule_id = ${second.ruleId}`,
    );
    await world.push(elsewhere.origin, first.repository, ["1.0"], artifact("newer"));
    await world.sync(second.ruleId);
    await world.push(elsewhere.origin, first.repository, ["1.0"], artifact(`${first.repository}:1.0`));
    await world.sync(second.ruleId);
    await world.carryOut(first.ruleId);
    expect(await world.states(first.ruleId)).toEqual(["1.0 refused other-rule"]);
  });

  test("of two targets one refuses, the other goes", async () => {
    const second = await world.registry();
    const rule = await world.rule(source, [target, second]);
    await world.push(source.origin, rule.repository, TAGS);
    await world.sync(rule.ruleId);
    await world.remove(source.origin, rule.repository, "1.0");
    await world.sync(rule.ruleId);
    second.spoil(refusing("DELETE", 405, "UNSUPPORTED"));
    await world.carryOut(rule.ruleId);
    const states = await world.states(rule.ruleId);
    expect(states.toSorted()).toEqual(["1.0 deleted", "1.0 refused unsupported"]);
    expect(await world.tags(target.origin, rule.repository)).not.toContain("1.0");
    expect(await world.tags(second.origin, rule.repository)).toContain("1.0");
  });
});

test("what can no longer be undone loses its manifest, what ended long ago goes, and so does what nobody follows", async () => {
  const { ruleId } = await noticed();
  await world.carryOut(ruleId);
  const purge = () => purgeDeletions(database(), new AbortController().signal);
  const mine = eq(deletions.ruleId, ruleId);
  await purge();
  expect((await world.rows(ruleId))[0]?.manifest?.byteLength).toBeGreaterThan(0);

  await database().update(deletions).set({ undoUntil: sql`now() - interval '1 second'` }).where(mine);
  await purge();
  expect((await world.rows(ruleId))[0]).toMatchObject({ state: "deleted", manifest: null, undoUntil: null });

  await database().update(deletions).set({ updatedAt: sql`now() - interval '181 days'` }).where(mine);
  await database().update(rules).set({ followDeletions: false }).where(eq(rules.id, ruleId));
  await purge();
  expect([await world.rows(ruleId), await world.placed(ruleId)]).toEqual([[], []]);
});

test("what was copied before the option was turned on is remembered, as far as its tasks are kept", async () => {
  const rule = await world.rule(source, [target]);
  const follow = (followDeletions: boolean) =>
    database().update(rules).set({ followDeletions }).where(eq(rules.id, rule.ruleId));
  await follow(false);
  await world.push(source.origin, rule.repository, TAGS);
  await world.sync(rule.ruleId);
  expect(await world.placed(rule.ruleId)).toEqual([]);
  await follow(true);
  await database().transaction((tx) => rememberEarlier(tx, rule.ruleId));
  expect(await world.placed(rule.ruleId)).toEqual(TAGS);
  await world.remove(source.origin, rule.repository, "1.0");
  await world.sync(rule.ruleId);
  expect(await world.states(rule.ruleId)).toEqual(["1.0 pending"]);
});

/** The registry answers a method with this, at paths that match. */
function refusing(method: string, status: number, code: string, path = /./): Intercept {
  const answer = answering(path, status, { errors: code ? [{ code }] : [] });
  return (given) => (given.method === method ? answer(given) : undefined);
}
