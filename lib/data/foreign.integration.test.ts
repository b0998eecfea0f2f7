import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { users } from "../db/schema/people.ts";
import { AppError } from "../errors.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { failureKey } from "../schemas/failure-key.ts";
import { RuleListQuery } from "../schemas/rule.ts";
import { TaskListQuery, TransferListQuery } from "../schemas/task-query.ts";
import {
  insertGrant,
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { WHOLE_SELECTION } from "../testing/rule-input.ts";
import { listAudit, recordEvent } from "./audit.ts";
import { deletionCounts, deletionsOfTask } from "./deletions.ts";
import { setEventAddress } from "./event-address.ts";
import { failureReasons } from "./failure-reasons.ts";
import { saveGrants } from "./grants.ts";
import { deleteInstance, updateInstance } from "./instance-changes.ts";
import { rotateCredential } from "./instance-credential.ts";
import { getInstanceDetail } from "./instance-detail.ts";
import { recordHealth } from "./instance-health.ts";
import {
  findInstanceName,
  findInstanceOption,
  firstInstances,
  listInstanceOptions,
  searchInstanceOptions,
} from "./instance-options.ts";
import { connectionOf, getInstance, listInstances } from "./instances.ts";
import { maySee } from "./live.ts";
import { receiveEvents } from "./receive-events.ts";
import { createRule, deleteRule, setRuleEnabled, updateRule } from "./rule-changes.ts";
import { cycleOf } from "./rule-cycle.ts";
import { triggerRule, verifyRule } from "./rule-trigger.ts";
import { getRule, listRules, ruleImpact } from "./rules.ts";
import { listTasks } from "./task-list.ts";
import { listSamples } from "./task-samples.ts";
import { activity, getTask, retryFailed, stopTask, taskJoins } from "./tasks.ts";
import { getTransfer, getTransfers, listTransfers } from "./transfers.ts";
import { deleteUser, resetPassword, setUserDisabled } from "./user-changes.ts";
import { getUser, listUsers } from "./users.ts";
import { visibleTask } from "./visible-task.ts";

/** An actor as lib/auth would make it; only a test may. */
function actorWith(userId: string, held: Held): <P extends Permission>(permission: P) => Actor<P> {
  return <P extends Permission>(permission: P) =>
    ({
      permission,
      user: { id: userId, username: "mine", role: "sub-account" },
      holds: held,
      view: held,
      operate: held,
      manage: held,
      receive: held,
      request: { id: "test", ip: null },
    }) as unknown as Actor<P>;
}

const MISSING = "018f0000-0000-7000-8000-00000000dead";
const NO_ID = "1' or '1'='1";

let testDb: TestDatabase;
let as: ReturnType<typeof actorWith>;
let mine: Record<"instance" | "rule" | "task" | "transfer", string>;
let foreign: Record<
  "instance" | "target" | "rule" | "ruleName" | "task" | "open" | "transfer" | "user",
  string
>;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  const db = database();
  const me = await insertUser(db, { username: "mine" });
  const other = await insertUser(db, { username: "other" });
  const [a, b, c] = [
    await insertInstance(db, { name: "a" }),
    await insertInstance(db, { name: "b", username: "robot" }),
    await insertInstance(db, { name: "c" }),
  ];
  await insertGrant(db, me, a, { level: "manage", receive: true });
  const own = await insertRule(db, { source: a, target: a, namespace: "copy" }, { name: "own" });
  const theirs = await insertRule(db, { source: b, target: c }, { name: "theirs" });
  await insertRule(db, { source: c, target: b, namespace: "back" }, { name: "theirs-back" });
  const ownTask = await insertTask(db, { ruleId: own.ruleId, source: a }, { status: "running" });
  const task = await insertTask(db, { ruleId: theirs.ruleId, source: b }, { status: "failed" });
  const open = await insertTask(db, { ruleId: theirs.ruleId, source: b }, { status: "running" });
  mine = {
    instance: a,
    rule: own.ruleId,
    task: ownTask,
    transfer: await insertTransfer(db, { taskId: ownTask, target: a }),
  };
  foreign = {
    instance: b,
    target: c,
    rule: theirs.ruleId,
    ruleName: theirs.name,
    task,
    open,
    transfer: await insertTransfer(db, { taskId: task, target: c }, { status: "failed" }),
    user: other,
  };
  as = actorWith(me, [a]);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

describe("lists of an actor of one instance hold nothing of another", () => {
  const ids = (page: { rows: { id: string }[] }) => page.rows.map((row) => row.id);

  test("instances", async () => {
    expect((await listInstanceOptions(as("instance:list"))).map(({ id }) => id)).toEqual([mine.instance]);
    expect(ids(await listInstances(as("instance:list"), { size: 50 }))).toEqual([mine.instance]);
    expect(ids(await listInstances(as("instance:list"), { size: 50, q: "b" }))).toEqual([]);
  });

  test("transfers by their ids", async () => {
    const both = await getTransfers(as("task:view"), [mine.transfer, foreign.transfer]);
    expect(both.map(({ id }) => id)).toEqual([mine.transfer]);
  });

  test("choices of an instance: the first ones, those that a text finds, and the one that a URL names", async () => {
    const found = async (q: string) =>
      (await searchInstanceOptions(as("instance:list"), q)).map(({ id }) => id);
    expect(await found("")).toEqual([mine.instance]);
    expect(await found("a")).toEqual([mine.instance]);
    expect(await found("b")).toEqual([]);
    expect(await found("%")).toEqual([]);
    expect((await firstInstances(as("task:view"), 2)).map(({ id }) => id)).toEqual([mine.instance]);
    expect((await findInstanceOption(as("rule:view"), mine.instance))?.name).toBe("a");
    expect(await findInstanceName(as("rule:view"), mine.instance)).toEqual({ id: mine.instance, name: "a" });
    for (const id of [foreign.instance, "no id", "00000000-0000-7000-8000-000000000000"]) {
      expect(await findInstanceOption(as("rule:view"), id)).toBeNull();
      expect(await findInstanceName(as("rule:view"), id)).toBeNull();
    }
    expect(await findInstanceName(as("rule:view"), undefined)).toBeNull();
  });

  test("rules, whatever filter is set, and the figures beside them", async () => {
    const list = (query: object) => listRules(as("rule:view"), RuleListQuery.parse(query));
    const all = await list({});
    expect(ids(all)).toEqual([mine.rule]);
    expect(all.counts).toEqual({ all: 1, active: 1, failed: 0, partial: 0, nothingMatched: 0, disabled: 0 });
    for (const query of [
      { instance: foreign.instance },
      { instance: foreign.target, view: "incoming" },
      { target: foreign.target },
      { q: "theirs" },
    ]) {
      expect(await list(query)).toMatchObject({ rows: [], counts: { all: 0 } });
    }
  });

  test("tasks and what is at work", async () => {
    const list = (query: object) => listTasks(as("task:view"), TaskListQuery.parse(query));
    expect(ids(await list({}))).toEqual([mine.task]);
    for (const query of [
      { instance: foreign.instance },
      { rule: foreign.rule },
      { q: "theirs" },
      { status: "failed" },
    ]) {
      expect(ids(await list(query))).toEqual([]);
    }
    expect(await activity(as("task:view"))).toMatchObject({ running: 1 });
  });

  test("users and the audit are root's", async () => {
    await recordEvent(as("rule:view"), { outcome: "ok", subject: { kind: "rule", id: null, name: null } });
    expect((await listUsers(as("user:list"), { size: 20 })).rows).toEqual([]);
    expect((await listAudit(as("audit:view"), { size: 20 })).rows).toEqual([]);
  });

  test("cycles go over visible rules only", async () => {
    const draft = {
      sourceInstanceId: foreign.target,
      sourceNamespace: "back",
      targets: [{ instanceId: foreign.instance, namespace: "team" }],
    };
    expect(await cycleOf(as("rule:create"), draft)).toEqual([]);
  });

  test("live events", () => {
    const ends = { sourceInstanceId: foreign.instance, targetInstanceIds: [foreign.target] };
    expect(maySee(as("instance:list"), { kind: "rule", ruleId: foreign.rule, ...ends })).toBe(false);
    expect(
      maySee(as("instance:list"), { kind: "task", taskId: foreign.task, ruleId: foreign.rule, ...ends }),
    ).toBe(false);
    expect(maySee(as("instance:list"), { kind: "deletion", ruleId: foreign.rule, ...ends })).toBe(false);
    expect(maySee(as("instance:list"), { kind: "instance", instanceId: foreign.instance })).toBe(false);
    // Root's alone, whatever a sub-account holds.
    expect(maySee(as("instance:list"), { kind: "notice" })).toBe(false);
    expect(maySee(actorWith(MISSING, "all")("instance:list"), { kind: "notice" })).toBe(true);
    expect(
      maySee(as("instance:list"), {
        kind: "rule",
        ruleId: foreign.rule,
        ...ends,
        targetInstanceIds: [mine.instance],
      }),
    ).toBe(true);
  });
});

/** Each function that takes an id, called with one; `foreign` says which of theirs it is. */
const TAKES_ID: Record<string, { kind: keyof typeof foreign; call(id: string): Promise<unknown> }> = {
  getInstance: { kind: "instance", call: (id) => getInstance(as("instance:view"), id) },
  connectionOf: { kind: "instance", call: (id) => connectionOf(as("instance:check"), id) },
  updateInstance: {
    kind: "instance",
    call: (instanceId) =>
      updateInstance(as("instance:edit"), {
        instanceId,
        version: 1,
        name: "taken over",
        region: "",
        address: "https://evil.example",
        vendor: "generic",
        plainHttp: false,
      }),
  },
  deleteInstance: {
    kind: "instance",
    call: (instanceId) => deleteInstance(as("instance:delete"), { instanceId, confirmName: "b" }),
  },
  recordHealth: {
    kind: "instance",
    call: (id) =>
      recordHealth(as("instance:check"), id, {
        report: { ok: false, latencyMs: 1, code: "TLS", httpStatus: null, detail: null },
      }),
  },
  rotateCredential: {
    kind: "instance",
    call: (instanceId) =>
      rotateCredential(as("instance:edit"), { instanceId, version: 1, username: "u", password: "p" }),
  },
  setEventAddress: {
    kind: "instance",
    call: (instanceId) =>
      setEventAddress(as("instance:edit"), { instanceId, dialect: "generic", endPrevious: false }),
  },
  receiveEvents: {
    kind: "instance",
    call: (instanceId) => receiveEvents(as("event:receive"), { instanceId, dialect: "generic", told: [] }),
  },
  getInstanceDetail: { kind: "instance", call: (id) => getInstanceDetail(as("instance:view"), id) },
  getRule: { kind: "rule", call: (id) => getRule(as("rule:view"), id) },
  ruleImpact: { kind: "rule", call: (id) => ruleImpact(as("rule:delete"), id) },
  createRule: {
    kind: "instance",
    call: (sourceInstanceId) => createRule(as("rule:create"), { ...draft(), sourceInstanceId }),
  },
  "createRule pointed at": {
    kind: "instance",
    call: (instanceId) =>
      createRule(as("rule:create"), {
        ...draft(),
        sourceInstanceId: mine.instance,
        targets: [{ instanceId, namespace: null }],
      }),
  },
  updateRule: {
    kind: "rule",
    call: (ruleId) => updateRule(as("rule:edit"), { ...draft(), ruleId, version: 1 }),
  },
  "updateRule pointed at": {
    kind: "instance",
    call: (instanceId) =>
      updateRule(as("rule:edit"), {
        ...draft(),
        ruleId: mine.rule,
        version: 1,
        targets: [{ instanceId, namespace: null }],
      }),
  },
  deleteRule: {
    kind: "rule",
    call: (ruleId) => deleteRule(as("rule:delete"), { ruleId, confirmName: foreign.ruleName }),
  },
  setRuleEnabled: {
    kind: "rule",
    call: (ruleId) => setRuleEnabled(as("rule:switch"), { ruleId, enabled: false }),
  },
  verifyRule: {
    kind: "rule",
    call: (id) => verifyRule(as("rule:trigger"), { ruleId: id, depth: "shallow" }),
  },
  triggerRule: { kind: "rule", call: (id) => triggerRule(as("rule:trigger"), id) },
  getTask: { kind: "task", call: (id) => getTask(as("task:view"), id) },
  taskJoins: { kind: "task", call: (id) => taskJoins(as("task:view"), id) },
  deletionsOfTask: { kind: "task", call: (id) => deletionsOfTask(as("task:view"), id) },
  deletionCounts: { kind: "rule", call: (id) => deletionCounts(as("rule:view"), id) },
  stopTask: { kind: "open", call: (id) => stopTask(as("task:stop"), id) },
  retryFailed: { kind: "task", call: (id) => retryFailed(as("task:retry"), id) },
  listTransfers: {
    kind: "task",
    call: (id) => listTransfers(as("task:view"), id, TransferListQuery.parse({})),
  },
  failureReasons: { kind: "task", call: (id) => failureReasons(as("task:view"), id) },
  visibleTask: { kind: "task", call: (id) => visibleTask(as("task:view"), id) },
  listSamples: { kind: "task", call: (id) => listSamples(as("task:view"), id) },
  getTransfer: { kind: "transfer", call: (id) => getTransfer(as("task:view"), id) },
  getUser: { kind: "user", call: (id) => getUser(as("user:list"), id) },
  setUserDisabled: {
    kind: "user",
    call: (userId) => setUserDisabled(as("user:disable"), { userId, disabled: true }),
  },
  resetPassword: {
    kind: "user",
    call: (userId) => resetPassword(as("user:reset-password"), { userId, passwordHash: "x" }),
  },
  deleteUser: {
    kind: "user",
    call: (userId) => deleteUser(as("user:delete"), { userId, confirmName: "other" }),
  },
  saveGrants: {
    kind: "user",
    call: (userId) =>
      saveGrants(as("grants:save"), [{ userId, instanceId: mine.instance, level: "view", receive: false }]),
  },
};

const draft = () => ({
  name: "drafted",
  description: "",
  sourceNamespace: "team",
  repositoryPattern: "",
  tagPattern: "",
  ...WHOLE_SELECTION,
  resourceType: "all" as const,
  override: false,
  referrers: true,
  onEvent: true,
  schedule: null,
  deletion: null,
  backfill: false,
  targets: [{ instanceId: mine.instance, namespace: "elsewhere" }],
});

async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await call };
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    const { code, reason, values, fields, message } = error;
    return { code, reason, values, fields, message };
  }
}

test.each(Object.keys(TAKES_ID))("%s answers a foreign id exactly as a missing one", async (name) => {
  const { kind, call } = TAKES_ID[name] as (typeof TAKES_ID)[string];
  const missing = await refusal(call(MISSING));
  expect(missing).toMatchObject({ code: "NOT_FOUND", reason: "not-found", values: {}, fields: {} });
  expect(await refusal(call(foreign[kind]))).toEqual(missing);
});

test.each(["getInstance", "getRule", "getTask", "getTransfer", "listTransfers", "connectionOf"])(
  "%s answers what is no id at all as a missing one",
  async (name) => {
    const { call } = TAKES_ID[name] as (typeof TAKES_ID)[string];
    expect(await refusal(call(NO_ID))).toEqual(await refusal(call(MISSING)));
  },
);

test("own ids are found by the same calls", async () => {
  expect((await getRule(as("rule:view"), mine.rule)).may).toEqual({
    operate: true,
    manage: true,
    viewSource: true,
  });
  expect((await getTask(as("task:view"), mine.task)).id).toBe(mine.task);
  expect((await getTransfer(as("task:view"), mine.transfer)).id).toBe(mine.transfer);
  expect((await listTransfers(as("task:view"), mine.task, TransferListQuery.parse({}))).rows).toHaveLength(1);
  expect((await connectionOf(as("instance:check"), mine.instance)).id).toBe(mine.instance);
});

describe("without view on the other end", () => {
  test("only that instance's name is shown: not its address, not what its registry said", async () => {
    const db = database();
    const { ruleId } = await insertRule(
      db,
      { source: mine.instance, target: foreign.target },
      { name: "across" },
    );
    const failure = {
      code: "DENIED",
      side: "target" as const,
      httpStatus: 403,
      registryMessage: "canary-said-by-c",
      request: "PUT https://canary-host-of-c/v2/x/manifests/1",
      digest: null,
    };
    const taskId = await insertTask(db, { ruleId, source: mine.instance }, { status: "failed", failure });
    const transferId = await insertTransfer(
      db,
      { taskId, target: foreign.target },
      { status: "failed", failure },
    );
    const seen = [
      await getRule(as("rule:view"), ruleId),
      await getTask(as("task:view"), taskId),
      await getTransfer(as("task:view"), transferId),
      await failureReasons(as("task:view"), taskId),
      await listInstances(as("instance:list"), { size: 50 }),
    ];
    expect(JSON.stringify(seen)).not.toContain("canary");
    expect(seen[0]).toMatchObject({ targets: [{ instance: { id: foreign.target, name: "c" } }] });
    expect(seen[2]).toMatchObject({ failure: { code: "DENIED", httpStatus: 403, request: null } });

    const both = actorWith("x", [mine.instance, foreign.target]);
    expect((await getTransfer(both("task:view"), transferId)).failure).toEqual(failure);
  });

  test("what a failure came to is told all the same: a full quota is not called a blob that is too large", async () => {
    const db = database();
    const { ruleId } = await insertRule(
      db,
      { source: mine.instance, target: foreign.target },
      { name: "into a full project" },
    );
    const failure = {
      code: "DENIED",
      side: "target" as const,
      httpStatus: 413,
      registryMessage: "canary: quota of project c: 2.00 TiB used of 2.00 TiB",
      request: null,
      digest: null,
    };
    const taskId = await insertTask(db, { ruleId, source: mine.instance }, { status: "failed", failure });
    const seen = (await getTask(as("task:view"), taskId)).failure;
    expect(seen).toMatchObject({ code: "quota", registryMessage: null });
    expect(seen && failureKey(seen)).toBe("quota");
  });

  test("receive alone shows the name in lists, and nothing else", async () => {
    const receiver = {
      ...as("instance:list"),
      view: [],
      operate: [],
      manage: [],
      receive: [foreign.instance],
    };
    const [option] = await listInstanceOptions(receiver);
    expect(option).toEqual({
      id: foreign.instance,
      name: "b",
      host: "",
      plainHttp: false,
      region: "",
      health: "unknown",
      grants: { level: null, receive: true },
    });
    const { rows } = await listInstances(receiver, { size: 50 });
    expect(rows).toMatchObject([{ name: "b", address: "", username: null, caCertificate: null }]);
    expect((await listInstances(receiver, { size: 50, q: "127.7" })).rows).toEqual([]);
    expect((await listRules(receiver, RuleListQuery.parse({}))).rows).toEqual([]);
  });
});

test("no user's row holds a password hash", async () => {
  await database().update(users).set({ passwordHash: "canary-hash" });
  const root = actorWith("x", "all");
  expect(JSON.stringify(await listUsers(root("user:list"), { size: 20 }))).not.toContain("canary");
  expect(JSON.stringify(await getUser(root("user:list"), foreign.user))).not.toContain("canary");
});
