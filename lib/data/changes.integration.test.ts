import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { instanceConnection } from "../db/instance-connection.ts";
import { audit } from "../db/schema/audit.ts";
import { grants, instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { CreateInstanceInput } from "../schemas/instance.ts";
import type { CreateRuleInput, UpdateRuleInput } from "../schemas/rule.ts";
import { insertGrant, insertInstance, insertRule, insertTask, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { WHOLE_SELECTION } from "../testing/rule-input.ts";
import { saveGrants } from "./grants.ts";
import { createInstance, deleteInstance, updateInstance } from "./instance-changes.ts";
import { getInstance, listInstances } from "./instances.ts";
import { createRule, deleteRule, setRuleEnabled, updateRule } from "./rule-changes.ts";
import { cycleOf } from "./rule-cycle.ts";
import { triggerRule } from "./rule-trigger.ts";
import { getRule, ruleImpact } from "./rules.ts";
import { listTasks } from "./task-list.ts";
import { getTask, retryFailed, taskJoins } from "./tasks.ts";
import { createUser, deleteUser, setUserDisabled } from "./user-changes.ts";

let testDb: TestDatabase;
let rootId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  rootId = await insertUser(database(), { username: "root", role: "root" });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

/** An actor as lib/auth would make it; only a test may. */
function actor<P extends Permission>(
  permission: P,
  user: { id: string; manage?: Held; receive?: Held } = { id: rootId },
): Actor<P> {
  const { id, manage = "all", receive = "all" } = user;
  return {
    permission,
    user: { id, username: "tester", role: "sub-account" },
    holds: manage,
    view: manage,
    operate: manage,
    manage,
    receive,
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}

let counter = 0;
const fresh = (prefix: string): string => `${prefix}-${++counter}`;

async function twoInstances(): Promise<{ source: string; target: string }> {
  return { source: await insertInstance(database()), target: await insertInstance(database()) };
}

const ruleInput = (ends: { source: string; target: string }): CreateRuleInput => ({
  name: fresh("rule"),
  description: "",
  sourceInstanceId: ends.source,
  sourceNamespace: "team",
  repositoryPattern: "",
  tagPattern: "",
  ...WHOLE_SELECTION,
  resourceType: "all",
  override: false,
  referrers: true,
  onEvent: true,
  schedule: null,
  deletion: null,
  targets: [{ instanceId: ends.target, namespace: null }],
  backfill: false,
});
const asUpdate = (input: CreateRuleInput, ruleId: string, version = 1): UpdateRuleInput => ({
  ...input,
  ruleId,
  version,
});
const targetsOf = (ruleId: string) =>
  database().select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId)).orderBy(ruleTargets.id);

describe("a new rule", () => {
  test("is enabled, starts its first task when asked, and says so in one audit row", async () => {
    const ends = await twoInstances();
    const { ruleId, taskId } = await createRule(actor("rule:create"), { ...ruleInput(ends), backfill: true });
    const rule = await getRule(actor("rule:view"), ruleId);
    expect(rule).toMatchObject({
      enabled: true,
      version: 1,
      lastTask: { id: taskId, number: 1, status: "pending" },
    });
    expect(rule.days).toEqual([]);
    const rows = await database().select().from(audit).where(eq(audit.subjectId, ruleId));
    expect(rows).toMatchObject([{ action: "rule:create", outcome: "ok", subjectName: rule.name }]);
  });

  test("without back-fill starts none", async () => {
    const { ruleId, taskId } = await createRule(actor("rule:create"), ruleInput(await twoInstances()));
    expect(taskId).toBeNull();
    expect((await getRule(actor("rule:view"), ruleId)).lastTask).toBeNull();
  });

  test("has a name of its own within its source; submitting twice makes one", async () => {
    const ends = await twoInstances();
    const input = ruleInput(ends);
    const answers = await Promise.allSettled([1, 2, 3].map(() => createRule(actor("rule:create"), input)));
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(1);
    await expect(createRule(actor("rule:create"), input)).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "rule-name-taken",
      fields: { name: "name-taken" },
    });
    await createRule(actor("rule:create"), {
      ...input,
      sourceInstanceId: ends.target,
      targets: [{ instanceId: ends.source, namespace: null }],
    });
  });

  test.each([
    [
      "the source itself",
      (source: string) => [{ instanceId: source, namespace: null }],
      "targets.0.namespace",
    ],
    [
      "the source by name",
      (source: string) => [{ instanceId: source, namespace: "team" }],
      "targets.0.namespace",
    ],
    [
      "one place twice",
      (_source: string, target: string) => [
        { instanceId: target, namespace: null },
        { instanceId: target, namespace: "team" },
      ],
      "targets.1.instanceId",
    ],
  ])("is refused when it points at %s", async (_what, targets, field) => {
    const { source, target } = await twoInstances();
    const input = { ...ruleInput({ source, target }), targets: targets(source, target) };
    await expect(createRule(actor("rule:create"), input)).rejects.toMatchObject({
      code: "INVALID",
      fields: { [field]: expect.any(String) },
    });
  });

  test("is refused when another instance is the same registry, but may change the namespace there", async () => {
    const { source } = await twoInstances();
    const [{ address } = { address: "" }] = await database()
      .select()
      .from(instances)
      .where(eq(instances.id, source));
    const twin = await insertInstance(database(), { address });
    await expect(createRule(actor("rule:create"), ruleInput({ source, target: twin }))).rejects.toMatchObject(
      {
        fields: { "targets.0.namespace": "same-place" },
      },
    );
    await createRule(actor("rule:create"), {
      ...ruleInput({ source, target: twin }),
      targets: [{ instanceId: twin, namespace: "copy" }],
    });
  });

  test("closing a cycle is told by name", async () => {
    const { source, target } = await twoInstances();
    const third = await insertInstance(database(), { name: fresh("third") });
    await createRule(actor("rule:create"), ruleInput({ source: target, target: third }));
    const input = ruleInput({ source: third, target: source });
    await createRule(actor("rule:create"), input);
    const way = await cycleOf(actor("rule:create"), ruleInput({ source, target }));
    expect(way).toHaveLength(4);
    expect(way[0]).toBe(way[3]);
    expect(way[2]).toMatch(/^third-\d+\/team$/);
    expect(
      await cycleOf(actor("rule:create"), { ...ruleInput({ source, target }), sourceNamespace: "apart" }),
    ).toEqual([]);
  });
});

describe("editing a rule", () => {
  test("changes every parameter, and an edit that began earlier is told who was faster", async () => {
    const ends = await twoInstances();
    const input = ruleInput(ends);
    const { ruleId } = await createRule(actor("rule:create"), input);
    const fields = {
      name: fresh("renamed"),
      description: "说明",
      sourceNamespace: "other",
      repositoryPattern: "a.*",
      tagPattern: "v.*",
      excludeTagPattern: ".*-rc.*",
      semverRange: ">=1.4 <2",
      newestTags: 5,
      platforms: { mode: "sparse" as const, names: ["linux/amd64", "linux/arm64"] },
      resourceType: "chart" as const,
      override: true,
      referrers: false,
      onEvent: false,
      schedule: { cron: "30 2 * * *", timeZone: "Asia/Shanghai" },
      deletion: { delayHours: 48, share: 5 },
      verify: {
        after: "shallow" as const,
        schedule: { cron: "0 3 1 * *", timeZone: "Europe/Berlin", deep: true },
      },
    };
    const targets = [{ instanceId: ends.target, namespace: "" }];
    const changed = { ...fields, targets, ruleId, version: 1 };
    await updateRule(actor("rule:edit"), changed);
    expect(await getRule(actor("rule:view"), ruleId)).toMatchObject({
      ...fields,
      version: 2,
      updatedBy: "root",
    });
    expect(await targetsOf(ruleId)).toMatchObject(targets);
    await expect(updateRule(actor("rule:edit"), changed)).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "rule-changed",
      values: { user: "root", at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  test("remembers that a rule once copied parts of indexes", async () => {
    const input = ruleInput(await twoInstances());
    const { ruleId } = await createRule(actor("rule:create"), input);
    const save = async (version: number, mode: "sparse" | "single" | null) => {
      const platforms = mode && { mode, names: ["linux/amd64"] };
      await updateRule(actor("rule:edit"), { ...asUpdate(input, ruleId), version, platforms });
      const [stored] = await database().select().from(rules).where(eq(rules.id, ruleId));
      return stored?.partsBefore;
    };
    expect([await save(1, "single"), await save(2, null)]).toEqual([false, false]);
    expect([await save(3, "sparse"), await save(4, null), await save(5, null)]).toEqual([false, true, true]);
  });

  test("keeps who set a target that stays, and names the editor at one that is new", async () => {
    const ends = await twoInstances();
    const third = await insertInstance(database());
    const [first, second] = [await insertUser(database()), await insertUser(database())];
    const input = ruleInput(ends);
    const { ruleId } = await createRule(actor("rule:create", { id: first }), input);
    await updateRule(actor("rule:edit", { id: second }), {
      ...asUpdate(input, ruleId),
      targets: [...input.targets, { instanceId: third, namespace: null }],
    });
    expect(await targetsOf(ruleId)).toMatchObject([
      { instanceId: ends.target, setBy: first },
      { instanceId: third, setBy: second },
    ]);
  });
});

describe("who loses receive", () => {
  async function ruleSetBy(): Promise<{
    userId: string;
    ruleId: string;
    input: CreateRuleInput;
    target: string;
    source: string;
  }> {
    const ends = await twoInstances();
    const userId = await insertUser(database());
    await insertGrant(database(), userId, ends.source, { level: "manage" });
    await insertGrant(database(), userId, ends.target, { receive: true });
    const input = ruleInput(ends);
    const user = { id: userId, manage: [ends.source], receive: [ends.target] };
    const { ruleId } = await createRule(actor("rule:create", user), input);
    return { ...ends, userId, ruleId, input };
  }
  const paused = async (ruleId: string) => (await targetsOf(ruleId)).map((target) => target.pausedReason);

  test("by its grant: the targets it set are paused, until someone who may receive there saves", async () => {
    const { userId, ruleId, input, source, target } = await ruleSetBy();
    await saveGrants(actor("grants:save"), [{ userId, instanceId: target, level: "view", receive: false }]);
    expect(await paused(ruleId)).toEqual(["receive-lost"]);
    expect((await getRule(actor("rule:view"), ruleId)).targets[0]?.paused).toMatchObject({
      reason: "receive-lost",
    });
    await expect(triggerRule(actor("rule:trigger"), ruleId)).rejects.toMatchObject({
      reason: "rule-targets-paused",
    });

    await updateRule(
      actor("rule:edit", { id: userId, manage: [source], receive: [] }),
      asUpdate(input, ruleId),
    );
    expect(await paused(ruleId)).toEqual(["receive-lost"]);

    await updateRule(actor("rule:edit"), asUpdate(input, ruleId, 2));
    expect(await paused(ruleId)).toEqual([null]);
    expect((await targetsOf(ruleId))[0]?.setBy).toBe(rootId);
    expect((await triggerRule(actor("rule:trigger"), ruleId)).joined).toBe(false);
  });

  test("by being disabled, or deleted", async () => {
    const disabled = await ruleSetBy();
    await setUserDisabled(actor("user:disable"), { userId: disabled.userId, disabled: true });
    expect(await paused(disabled.ruleId)).toEqual(["receive-lost"]);
    await setUserDisabled(actor("user:disable"), { userId: disabled.userId, disabled: false });
    expect(await paused(disabled.ruleId)).toEqual(["receive-lost"]);

    const deleted = await ruleSetBy();
    const { rows } = await database().execute<{ username: string }>(
      sql`select username from users where id = ${deleted.userId}`,
    );
    await deleteUser(actor("user:delete"), { userId: deleted.userId, confirmName: rows[0]?.username ?? "" });
    expect(await paused(deleted.ruleId)).toEqual(["receive-lost"]);
    expect((await getRule(actor("rule:view"), deleted.ruleId)).targets[0]?.setBy).toBeNull();
  });

  test("keeps targets that others set, and those where it may still receive", async () => {
    const { userId, ruleId, source } = await ruleSetBy();
    await saveGrants(actor("grants:save"), [{ userId, instanceId: source, level: null, receive: false }]);
    expect(await paused(ruleId)).toEqual([null]);
    const other = await ruleSetBy();
    await saveGrants(actor("grants:save"), [
      { userId, instanceId: other.target, level: null, receive: false },
    ]);
    expect(await paused(other.ruleId)).toEqual([null]);
  });

  test("while it saves a rule: the rule is refused, or paused; never left standing", async () => {
    for (let round = 0; round < 10; round += 1) {
      const ends = await twoInstances();
      const userId = await insertUser(database());
      await insertGrant(database(), userId, ends.target, { receive: true });
      const user = { id: userId, manage: [ends.source], receive: [ends.target] };
      const [created] = await Promise.allSettled([
        createRule(actor("rule:create", user), ruleInput(ends)),
        saveGrants(actor("grants:save"), [{ userId, instanceId: ends.target, level: null, receive: false }]),
      ]);
      if (created.status === "fulfilled") {
        expect(await paused(created.value.ruleId)).toEqual(["receive-lost"]);
      } else {
        expect(created.reason).toMatchObject({ code: "FORBIDDEN", values: { grant: "receive" } });
      }
    }
  });
});

describe("a rule", () => {
  test("that is switched off is not triggered, nor are its failures retried", async () => {
    const ends = await twoInstances();
    const { ruleId } = await insertRule(database(), ends);
    const taskId = await insertTask(database(), { ruleId, source: ends.source }, { status: "failed" });
    await setRuleEnabled(actor("rule:switch"), { ruleId, enabled: false });
    await expect(triggerRule(actor("rule:trigger"), ruleId)).rejects.toMatchObject({
      reason: "rule-disabled",
    });
    await expect(retryFailed(actor("task:retry"), taskId)).rejects.toMatchObject({ reason: "rule-disabled" });
  });

  test("triggered twice has one pending task that both joined", async () => {
    const { ruleId } = await insertRule(database(), await twoInstances());
    const first = await triggerRule(actor("rule:trigger"), ruleId);
    const second = await triggerRule(actor("rule:trigger"), ruleId);
    expect(second).toEqual({ ...first, joined: true });
    expect(await taskJoins(actor("task:view"), first.taskId)).toMatchObject([
      { trigger: "manual", by: "root" },
    ]);
  });

  test("is deleted under its typed name, with its tasks", async () => {
    const ends = await twoInstances();
    const { ruleId, name } = await insertRule(database(), ends);
    await insertTask(database(), { ruleId, source: ends.source }, { status: "running" });
    await insertTask(database(), { ruleId, source: ends.source }, { status: "failed" });
    expect(await ruleImpact(actor("rule:view"), ruleId)).toEqual({ openTasks: 1, tasks: 2 });
    await expect(deleteRule(actor("rule:delete"), { ruleId, confirmName: "other" })).rejects.toMatchObject({
      fields: { confirmName: "confirm-name-differs" },
    });
    await deleteRule(actor("rule:delete"), { ruleId, confirmName: name });
    expect(await database().select().from(rules).where(eq(rules.id, ruleId))).toEqual([]);
    // The rows are the purge's (lib/jobs/purge-job.ts): nobody sees them, and none is open.
    const left = await database().select().from(tasks).where(eq(tasks.ruleId, ruleId));
    expect(left.map(({ status }) => status).sort()).toEqual(["failed", "stopped"]);
    for (const { id } of left) {
      await expect(getTask(actor("task:view"), id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    expect((await listTasks(actor("task:view"), { size: 50, rule: ruleId })).rows).toEqual([]);
  });
});

describe("an instance", () => {
  const input = (): CreateInstanceInput => ({
    name: fresh("instance"),
    region: "cn",
    address: "https://registry.example.com",
    vendor: "distribution",
    username: "robot",
    password: "canary-secret-1",
    plainHttp: false,
  });
  const stored = async (id: string) => (await instanceConnection(database(), id))?.password;

  test("keeps its password sealed, and shows it nowhere", async () => {
    const { instanceId } = await createInstance(actor("instance:create"), input());
    expect(await stored(instanceId)).toBe("canary-secret-1");
    const shown = [
      await getInstance(actor("instance:view"), instanceId),
      await listInstances(actor("instance:list"), { size: 100 }),
      await database().select().from(instances),
      await database().select().from(audit),
    ];
    expect(JSON.stringify(shown)).not.toContain("canary");
    expect(shown[0]).toMatchObject({ hasPassword: true, health: { status: "unknown" } });
  });

  test("keeps the password that is not typed again, unless the address moves to another origin", async () => {
    const first = input();
    const { instanceId } = await createInstance(actor("instance:create"), first);
    const edit = (change: object, version: number) =>
      updateInstance(actor("instance:edit"), { ...first, password: "", instanceId, version, ...change });
    await edit({ region: "eu" }, 1);
    expect(await stored(instanceId)).toBe("canary-secret-1");
    for (const address of [
      "https://evil.example",
      "https://registry.example.com:8443",
      "http://registry.example.com",
    ]) {
      await expect(edit({ address }, 2)).rejects.toMatchObject({
        code: "INVALID",
        fields: { password: "password-needed-again" },
      });
    }
    await edit({ address: "https://moved.example", password: "canary-secret-2" }, 2);
    expect(await stored(instanceId)).toBe("canary-secret-2");
    await edit({ address: "https://moved.example", username: undefined }, 3);
    expect(await stored(instanceId)).toBeNull();
    expect(JSON.stringify(await database().select().from(audit))).not.toContain("canary");
  });

  test("is edited from its newest version only, and has a name of its own", async () => {
    const first = input();
    const { instanceId } = await createInstance(actor("instance:create"), first);
    await updateInstance(actor("instance:edit"), { ...first, instanceId, version: 1 });
    await expect(
      updateInstance(actor("instance:edit"), { ...first, instanceId, version: 1 }),
    ).rejects.toMatchObject({
      reason: "instance-changed",
      values: { user: "tester" },
    });
    await expect(createInstance(actor("instance:create"), first)).rejects.toMatchObject({
      code: "CONFLICT",
      fields: { name: "name-taken" },
    });
  });

  test("takes a user name and a password together or not at all", async () => {
    await expect(
      createInstance(actor("instance:create"), { ...input(), password: "" }),
    ).rejects.toMatchObject({
      fields: { password: "required" },
    });
    await expect(
      createInstance(actor("instance:create"), { ...input(), username: undefined }),
    ).rejects.toMatchObject({
      fields: { username: "required" },
    });
  });

  test("that rules name stays, and says how many", async () => {
    const ends = await twoInstances();
    const name = fresh("named");
    await database().update(instances).set({ name }).where(eq(instances.id, ends.target));
    const { ruleId, name: ruleName } = await insertRule(database(), ends);
    await insertRule(database(), { source: ends.target, target: ends.source });
    const remove = () =>
      deleteInstance(actor("instance:delete"), { instanceId: ends.target, confirmName: name });
    await expect(remove()).rejects.toMatchObject({ reason: "instance-in-use", values: { count: 2 } });
    expect((await getInstance(actor("instance:view"), ends.target)).ruleCount).toBe(2);
    await deleteRule(actor("rule:delete"), { ruleId, confirmName: ruleName });
    await expect(remove()).rejects.toMatchObject({ values: { count: 1 } });
  });
});

describe("users", () => {
  test("nobody removes themselves, and the last root stays", async () => {
    const second = await insertUser(database(), { role: "root", username: fresh("second") });
    await expect(
      setUserDisabled(actor("user:disable"), { userId: rootId, disabled: true }),
    ).rejects.toMatchObject({
      reason: "user-is-self",
    });
    const third = await insertUser(database(), { role: "root", username: fresh("third") });
    // Each of the two others disables the other one and the first, at once: one root is left.
    const ids = [rootId, second, third];
    await Promise.allSettled(
      ids.flatMap((by) =>
        ids.map((userId) => setUserDisabled(actor("user:disable", { id: by }), { userId, disabled: true })),
      ),
    );
    const { rows } = await database().execute<{ count: number }>(
      sql`select count(*)::int as count from users where role = 'root' and disabled_at is null`,
    );
    expect(rows[0]?.count).toBe(1);
    await database().execute(sql`update users set disabled_at = null where id = ${rootId}`);
  });

  test("have names of their own, and root needs no grants", async () => {
    const username = fresh("user");
    await createUser(actor("user:create"), { username, displayName: "", passwordHash: "x" });
    await expect(
      createUser(actor("user:create"), { username, displayName: "", passwordHash: "x" }),
    ).rejects.toMatchObject({ fields: { username: "name-taken" } });
    const { source } = await twoInstances();
    await expect(
      saveGrants(actor("grants:save"), [
        { userId: rootId, instanceId: source, level: "view", receive: false },
      ]),
    ).rejects.toMatchObject({ reason: "grants-of-root" });
    expect(await database().select().from(grants).where(eq(grants.userId, rootId))).toEqual([]);
  });

  test("grants that somebody else changed meanwhile are not overwritten unseen", async () => {
    const username = fresh("user");
    const { userId } = await createUser(actor("user:create"), {
      username,
      displayName: "",
      passwordHash: "x",
    });
    const { source, target } = await twoInstances();
    const nothing = { level: null, receive: false } as const;
    const cell = { userId, instanceId: source, level: "manage", receive: false } as const;
    await saveGrants(actor("grants:save"), [
      { userId, instanceId: source, level: "view", receive: false, was: nothing },
    ]);
    await expect(
      saveGrants(actor("grants:save"), [
        { userId, instanceId: target, level: "view", receive: false, was: nothing },
        { ...cell, was: nothing },
      ]),
    ).rejects.toMatchObject({ code: "CONFLICT", reason: "grants-changed", values: { n: 1, user: "tester" } });
    const held = () =>
      database().select().from(grants).where(eq(grants.userId, userId)).orderBy(grants.instanceId);
    expect(await held()).toEqual([{ userId, instanceId: source, level: "view", receive: false }]);
    // Seen and wanted all the same; and the same change twice is none.
    await saveGrants(actor("grants:save"), [{ ...cell, was: { level: "view", receive: false } }]);
    await saveGrants(actor("grants:save"), [{ ...cell, was: nothing }]);
    expect(await held()).toEqual([cell]);
  });
});
