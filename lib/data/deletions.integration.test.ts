import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { liveEar } from "../db/live-ear.testing.ts";
import { audit } from "../db/schema/audit.ts";
import { deletions, placedTags } from "../db/schema/deletions.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { DeletionReason, DeletionState } from "../schemas/deletion-words.ts";
import { insertInstance, insertRule, insertTask, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { confirmDeletions, undoDeletions } from "./deletion-changes.ts";
import { deletionsOfTask, listDeletions } from "./deletions.ts";
import { updateRule } from "./rule-changes.ts";
import { getRule } from "./rules.ts";

let testDb: TestDatabase;
let userId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await prepareQueues(testDb.url);
  userId = await insertUser(database(), { username: "root", role: "root" });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

type Held = "all" | string[];
function actor<P extends Permission>(permission: P, holds: Held = "all", receive: Held = "all"): Actor<P> {
  return {
    permission,
    user: { id: userId, username: "root", role: "root" },
    holds,
    view: holds,
    operate: holds,
    manage: holds,
    receive,
    submission: null,
    request: { id: randomUUID(), ip: null },
  } as unknown as Actor<P>;
}

async function aRule() {
  const source = await insertInstance(database());
  const target = await insertInstance(database());
  const { ruleId, name } = await insertRule(database(), { source, target });
  const [ruleTarget] = await database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
  return { ruleId, name, source, target, ruleTargetId: ruleTarget?.id ?? "" };
}
type Rule = Awaited<ReturnType<typeof aRule>>;

async function insertDeletion(
  { ruleId, ruleTargetId, target }: Rule,
  tag: string,
  row: { state: DeletionState; reason?: DeletionReason; undoable?: boolean; taskId?: string },
): Promise<string> {
  const id = randomUUID();
  const place = { ruleTargetId, repository: "team/app", tag, targetRepository: "team/app" };
  const digest = `sha256:${"1".repeat(64)}`;
  const { undoable, ...rest } = row;
  await database()
    .insert(deletions)
    .values({
      id,
      ruleId,
      ...place,
      targetInstanceId: target,
      digest,
      cause: "sweep",
      ...rest,
      dueAt: row.state === "pending" ? sql`now() + interval '1 day'` : null,
      ...(undoable
        ? { undoUntil: sql`now() + interval '1 day'`, manifest: Buffer.from("{}"), mediaType: "x" }
        : {}),
    });
  await database()
    .insert(placedTags)
    .values({ ...place, ruleId, targetInstanceId: target, digest })
    .onConflictDoNothing();
  return id;
}

async function statesOf(ruleId: string): Promise<string[]> {
  const rows = await database().select().from(deletions).where(eq(deletions.ruleId, ruleId));
  return rows.map(({ tag, state }) => `${tag} ${state}`).toSorted();
}

describe("deciding", () => {
  test("keeping ends it, forgets that the tag was brought, and leaves one audit row that names it", async () => {
    const rule = await aRule();
    await insertDeletion(rule, "1.0", { state: "pending" });
    await insertDeletion(rule, "2.0", { state: "held" });
    await insertDeletion(rule, "3.0", { state: "refused", reason: "unsupported" });
    const all = { ruleId: rule.ruleId, what: "keep", selection: { state: "pending" } } as const;
    expect(await undoDeletions(actor("deletion:undo"), all)).toEqual({ done: 1 });
    expect(await statesOf(rule.ruleId)).toEqual(["1.0 kept", "2.0 held", "3.0 refused"]);
    const placed = await database().select().from(placedTags).where(eq(placedTags.ruleId, rule.ruleId));
    expect(placed.map(({ tag }) => tag).toSorted()).toEqual(["2.0", "3.0"]);
    const rows = await database().select().from(audit).where(eq(audit.subjectId, rule.ruleId));
    expect(rows).toMatchObject([
      {
        action: "deletion:undo",
        outcome: "ok",
        changes: { decision: { after: "keep" }, number: { after: 1 }, tags: { after: ["team/app:1.0"] } },
      },
    ]);
  });

  test("is told to whoever sees either end, and only when it is done", async () => {
    const rule = await aRule();
    await insertDeletion(rule, "1.0", { state: "pending" });
    const ear = await liveEar(testDb.url);
    try {
      const all = { ruleId: rule.ruleId, what: "keep", selection: { state: "pending" } } as const;
      const stranger = actor("deletion:undo", [rule.target]);
      await expect(undoDeletions(stranger, all)).rejects.toMatchObject({ code: "NOT_FOUND" });
      await undoDeletions(actor("deletion:undo"), all);
      const ends = { sourceInstanceId: rule.source, targetInstanceIds: [rule.target] };
      await expect
        .poll(() => ear.heard, { timeout: 10_000 })
        .toEqual([{ kind: "deletion", ruleId: rule.ruleId, ...ends }]);
    } finally {
      await ear.close();
    }
  });

  test("what was deleted is restored only while its manifest is kept, and asked for once", async () => {
    const rule = await aRule();
    const kept = await insertDeletion(rule, "1.0", { state: "deleted", undoable: true });
    const late = await insertDeletion(rule, "2.0", { state: "deleted" });
    const selection = { ids: [kept, late] };
    const input = { ruleId: rule.ruleId, what: "restore" as const, selection };
    expect(await undoDeletions(actor("deletion:undo"), input)).toEqual({ done: 1 });
    expect(await undoDeletions(actor("deletion:undo"), input)).toEqual({ done: 0 });
    const list = await listDeletions(actor("rule:view"), rule.ruleId, { size: 50 });
    const shown = list.rows.map(({ tag, restoring, undoUntil }) => [tag, restoring, undoUntil !== null]);
    expect(shown.toSorted()).toEqual([
      ["1.0", true, true],
      ["2.0", false, false],
    ]);
  });

  test("confirming waits for the delay once more; retrying is at once, and never of what somebody moved", async () => {
    const rule = await aRule();
    await insertDeletion(rule, "1.0", { state: "held", reason: "share-exceeded" });
    const unsupported = await insertDeletion(rule, "2.0", { state: "refused", reason: "unsupported" });
    const moved = await insertDeletion(rule, "3.0", { state: "refused", reason: "moved" });
    const { ruleId } = rule;
    const confirm = (what: "confirm" | "retry", selection: { state: "held" } | { ids: string[] }) =>
      confirmDeletions(actor("deletion:confirm"), { ruleId, what, selection });
    expect(await confirm("confirm", { state: "held" })).toEqual({ done: 1 });
    expect(await confirm("retry", { ids: [unsupported, moved] })).toEqual({ done: 1 });
    expect(await statesOf(ruleId)).toEqual(["1.0 pending", "2.0 pending", "3.0 refused"]);
    const { rows } = await database().execute<{ tag: string; hours: number }>(sql`
      select tag, round(extract(epoch from due_at - now()) / 3600)::int as hours from deletions
      where rule_id = ${ruleId} and state = 'pending' order by tag`);
    expect(rows).toEqual([
      { tag: "1.0", hours: 24 },
      { tag: "2.0", hours: 0 },
    ]);
  });

  test("rows of another rule are not there", async () => {
    const [mine, theirs] = [await aRule(), await aRule()];
    const id = await insertDeletion(theirs, "1.0", { state: "pending" });
    const keep = (holds: Held, ruleId: string) =>
      undoDeletions(actor("deletion:undo", holds), { ruleId, what: "keep", selection: { ids: [id] } });
    expect(await keep([mine.source], mine.ruleId)).toEqual({ done: 0 });
    await expect(keep([mine.source], theirs.ruleId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await statesOf(theirs.ruleId)).toEqual(["1.0 pending"]);
  });
});

describe("the list", () => {
  test("pages, filters by state, counts each, and is not there for who does not see the rule", async () => {
    const rule = await aRule();
    for (let n = 0; n < 25; n += 1) {
      await insertDeletion(rule, `p${n}`, { state: "pending" });
    }
    await insertDeletion(rule, "held", { state: "held" });
    const list = (query: { state?: DeletionState; after?: string }) =>
      listDeletions(actor("rule:view"), rule.ruleId, { size: 20, ...query });
    const first = await list({ state: "pending" });
    expect(first.counts).toMatchObject({ pending: 25, held: 1, deleted: 0 });
    const second = await list({ state: "pending", after: first.next ?? "" });
    expect([first.rows.length, second.rows.length, second.next]).toEqual([20, 5, null]);
    const stranger = actor("rule:view", [randomUUID()]);
    await expect(listDeletions(stranger, rule.ruleId, { size: 20 })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("a task tells what its scan missed", async () => {
    const rule = await aRule();
    const taskId = await insertTask(database(), rule);
    await insertDeletion(rule, "1.0", { state: "pending", taskId });
    await insertDeletion(rule, "2.0", { state: "held", taskId });
    expect(await deletionsOfTask(actor("task:view"), taskId)).toEqual({
      pending: 1,
      held: 1,
      dueAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const other = await insertTask(database(), rule, { status: "succeeded" });
    expect(await deletionsOfTask(actor("task:view"), other)).toEqual({ pending: 0, held: 0, dueAt: null });
    const stranger = actor("task:view", [randomUUID()]);
    await expect(deletionsOfTask(stranger, taskId)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a rule", () => {
  async function save(
    rule: Rule,
    deletion: { delayHours: number; share: number } | null,
    receive: Held = "all",
  ) {
    const stored = await getRule(actor("rule:view"), rule.ruleId);
    await updateRule(actor("rule:edit", "all", receive), {
      ...stored,
      schedule: null,
      ruleId: rule.ruleId,
      deletion,
      targets: [{ instanceId: rule.target, namespace: stored.targets[0]?.namespace ?? null }],
    });
  }

  test("follows nothing unless it is told to, and lets everything be when it is told no longer to", async () => {
    const rule = await aRule();
    expect(await getRule(actor("rule:view"), rule.ruleId)).toMatchObject({ deletion: null });
    await save(rule, { delayHours: 48, share: 5 });
    expect(await getRule(actor("rule:view"), rule.ruleId)).toMatchObject({
      deletion: { delayHours: 48, share: 5 },
    });
    await insertDeletion(rule, "1.0", { state: "pending" });
    await insertDeletion(rule, "2.0", { state: "held" });
    await insertDeletion(rule, "3.0", { state: "deleted" });
    await save(rule, null);
    expect(await statesOf(rule.ruleId)).toEqual(["1.0 withdrawn", "2.0 withdrawn", "3.0 deleted"]);
  });

  test("that begins to follow deletions asks for receive at targets that it had before", async () => {
    const rule = await aRule();
    await expect(save(rule, { delayHours: 24, share: 10 }, [])).rejects.toMatchObject({
      code: "FORBIDDEN",
      values: { grant: "receive" },
    });
    await save(rule, null, []);
  });
});
