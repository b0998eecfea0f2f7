import { readdir } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ActionState } from "../schemas/action-state.ts";
import { seal } from "../secrets.ts";
import { insertInstance, insertRule, insertTask, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { insertNoticeAddress } from "../testing/notice-rows.ts";
import * as account from "./account.ts";
import * as deletions from "./deletions.ts";
import * as instances from "./instances.ts";
import * as locale from "./locale.ts";
import * as notices from "./notices.ts";
import * as rules from "./rules.ts";
import * as settings from "./settings.ts";
import * as tasks from "./tasks.ts";
import * as users from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

type AnyAction = (previous: ActionState<unknown>, form: FormData) => Promise<ActionState<unknown>>;
const ACTIONS = {
  ...account,
  ...deletions,
  ...instances,
  ...locale,
  ...notices,
  ...rules,
  ...settings,
  ...tasks,
  ...users,
} as unknown as Record<string, AnyAction>;

const PASSWORD = "correct horse battery";
const IDLE = { status: "idle" } as const;
let testDb: TestDatabase;
let inputs: Record<string, object>;
let root: Browser;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  const db = database();
  await insertUser(db, { username: "root", role: "root", passwordHash: await hashPassword(PASSWORD) });
  const userId = await insertUser(db, { username: "somebody" });
  const source = await insertInstance(db, { name: "source" });
  const target = await insertInstance(db, { name: "target" });
  const lone = await insertInstance(db, { name: "lone" });
  const { ruleId, name } = await insertRule(db, { source, target });
  const failedTask = await insertTask(db, { ruleId, source }, { status: "failed" });
  const openTask = await insertTask(db, { ruleId, source });
  const noticeId = await insertNoticeAddress(db, {
    url: "https://127.9.0.1:9/hook",
    secret: "whsec_AAAA",
    seal,
  });
  const instance = { name: "new", address: "https://127.9.0.1:9", vendor: "generic" };
  const rule = {
    name: "new",
    sourceInstanceId: source,
    sourceNamespace: "team",
    resourceType: "all",
    targets: [{ instanceId: target, namespace: "copy" }],
  };
  inputs = {
    signInAction: { username: "root", password: PASSWORD },
    signOutAction: {},
    claimSetupAction: {
      token: "x",
      username: "late",
      displayName: "",
      password: PASSWORD,
      passwordAgain: PASSWORD,
    },
    changePasswordAction: { current: PASSWORD, password: "another passphrase" },
    createInstanceAction: instance,
    updateInstanceAction: { ...instance, instanceId: source, version: 1 },
    deleteInstanceAction: { instanceId: lone, confirmName: "lone" },
    testConnectionAction: { ...instance, instanceId: source },
    checkInstanceAction: { instanceId: source },
    setEventAddressAction: { instanceId: source, dialect: "generic" },
    rotateCredentialAction: { instanceId: source, version: 1, username: "robot", password: "new" },
    setLocaleAction: { locale: "en" },
    setBrowserLocaleAction: { locale: "en" },
    setShortcutsAction: { enabled: false },
    endSessionAction: { sessionId: "0".repeat(64) },
    endOtherSessionsAction: {},
    createRuleAction: rule,
    updateRuleAction: { ...rule, ruleId, version: 1 },
    deleteRuleAction: { ruleId, confirmName: name },
    setRuleEnabledAction: { ruleId, enabled: false },
    triggerRuleAction: { ruleId },
    verifyRuleAction: { ruleId, depth: "shallow" },
    triggerRulesAction: { selection: { ruleIds: [ruleId] } },
    verifyRulesAction: { selection: { ruleIds: [ruleId] }, depth: "shallow" },
    setRulesEnabledAction: { selection: { ruleIds: [ruleId] }, enabled: false },
    deleteRulesAction: { selection: { ruleIds: [ruleId] }, confirmCount: 1 },
    undoDeletionsAction: { ruleId, what: "keep", selection: { state: "pending" } },
    confirmDeletionsAction: { ruleId, what: "confirm", selection: { state: "held" } },
    createNoticeAction: { name: "hook", kind: "slack", url: "https://127.9.0.1:9/hook", locale: "en" },
    updateNoticeAction: {
      noticeId,
      version: 1,
      name: "other",
      locale: "en",
    },
    setNoticeEnabledAction: { noticeId, enabled: false },
    rotateNoticeSecretAction: { noticeId },
    deleteNoticeAction: { noticeId },
    testNoticeAction: { noticeId },
    resendNoticeAction: { deliveryId: noticeId },
    stopTaskAction: { taskId: openTask },
    retryFailedAction: { taskId: failedTask },
    createUserAction: { username: "made", displayName: "", password: PASSWORD },
    setUserDisabledAction: { userId, disabled: true },
    resetPasswordAction: { userId, password: "another passphrase" },
    deleteUserAction: { userId, confirmName: "somebody" },
    saveGrantsAction: { changes: [{ userId, instanceId: lone, level: "view", receive: false }] },
  };
  root = new Browser();
  expect((await root.request(() => account.signInAction(IDLE, formOf(inputs.signInAction)))).status).toBe(
    "ok",
  );
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

/** Everything that an action could change; audit rows and counted guesses are allowed to come. */
async function state(): Promise<string> {
  const tables = [
    "users",
    "sessions",
    "instances",
    "grants",
    "rules",
    "rule_targets",
    "tasks",
    "task_joins",
    "setup_tokens",
    "event_addresses",
    "notice_addresses",
    "notice_deliveries",
  ];
  const parts = tables.map(
    (table) => `(select coalesce(jsonb_agg(t order by t::text), '[]') from ${table} t)`,
  );
  const { rows } = await database().execute(
    sql.raw(`select ${parts.join(", ")}, (select count(*) from pgboss.job)`.replace(/\), \(/g, ")::text, (")),
  );
  return JSON.stringify(rows);
}

test("every action of the folder is called below", async () => {
  expect(Object.keys(ACTIONS).sort()).toEqual(Object.keys(inputs).sort());
  const files = (await readdir(import.meta.dirname)).filter((name) =>
    /^(?!.*\.test\.)[a-z-]+\.ts$/.test(name),
  );
  expect(files.sort()).toEqual([
    "account.ts",
    "action.ts",
    "connection.ts",
    "deletions.ts",
    "form-input.ts",
    "instances.ts",
    "locale.ts",
    "notice-sample.ts",
    "notices.ts",
    "origin.ts",
    "preview-registries.ts",
    "preview.ts",
    "rules.ts",
    "settings.ts",
    "tasks.ts",
    "users.ts",
  ]);
});

const HOST = Browser.host;
const FOREIGN: [string, Record<string, string | null>][] = [
  ["no Origin", { origin: null }],
  ["Origin: null", { origin: "null" }],
  ["a foreign Origin", { origin: "https://evil.example" }],
  ["an Origin that only begins like ours", { origin: `http://${HOST}.evil.example` }],
  ["our Origin on another port", { origin: `http://${HOST}:8443` }],
  ["another Host than the Origin's", { host: "evil.example" }],
];

test.each(FOREIGN)("with %s nothing changes, signed in as root", async (_what, headers) => {
  const before = await state();
  for (const [name, input] of Object.entries(inputs)) {
    const answer = await root.request(() => (ACTIONS[name] as AnyAction)(IDLE, formOf(input)), headers);
    expect([name, answer]).toMatchObject([
      name,
      { status: "error", code: "FORBIDDEN", reason: "foreign-origin" },
    ]);
  }
  expect(await state()).toBe(before);
});

/** Open to everybody, and they change nothing but cookies and sessions of their own. */
const BEFORE_SIGN_IN = new Set(["signInAction", "setBrowserLocaleAction"]);
/** They ask for nothing, so any form will do. */
const WITHOUT_INPUT = new Set(["signOutAction", "endOtherSessionsAction"]);

test("without a cookie nothing changes", async () => {
  const before = await state();
  for (const [name, input] of Object.entries(inputs)) {
    if (!BEFORE_SIGN_IN.has(name)) {
      const answer = await new Browser().request(() => (ACTIONS[name] as AnyAction)(IDLE, formOf(input)));
      expect([name, answer.status]).toEqual([name, "error"]);
    }
  }
  expect(await state()).toBe(before);
});

const GARBAGE: [string, unknown][] = [
  ["undefined", undefined],
  ["a string", "ruleId=1"],
  ["an object", { get: 1 }],
  ["an empty form", new FormData()],
  [
    "broken JSON",
    (() => {
      const form = new FormData();
      form.set("json", "{");
      return form;
    })(),
  ],
  [
    "the wrong types",
    formOf({
      ruleId: 1,
      taskId: [],
      userId: {},
      instanceId: null,
      changes: "x",
      username: 1,
      token: 1,
      name: {},
    }),
  ],
  [
    "NUL and right-to-left marks",
    formOf({
      username: "a\u0000b",
      name: "\u202eabc",
      address: "\u0000",
      token: "\u0000",
      password: "x".repeat(9),
      passwordAgain: "x".repeat(9),
      ruleId: "\u0000",
    }),
  ],
  [
    "a megabyte",
    formOf({ username: "x".repeat(1_000_000), name: "x".repeat(1_000_000), token: "x".repeat(1_000_000) }),
  ],
];

test.each(GARBAGE)("%s is refused in words, and changes nothing", async (_what, form) => {
  const before = await state();
  for (const [name, run] of Object.entries(ACTIONS)) {
    if (WITHOUT_INPUT.has(name)) {
      continue;
    }
    const answer = await root.request(() => run(IDLE, form as FormData));
    expect([name, answer]).toMatchObject([name, { status: "error" }]);
    expect(answer.status === "error" && [name, answer.code]).not.toEqual([name, "UNKNOWN"]);
    expect(JSON.stringify(answer)).not.toMatch(/\bat \/|Error:|node_modules|Zod/);
  }
  expect(await state()).toBe(before);
});

test("the same calls from our own page do change something", async () => {
  const answer = await root.request(() =>
    rules.setRuleEnabledAction(IDLE, formOf(inputs.setRuleEnabledAction)),
  );
  expect(answer.status).toBe("ok");
});
