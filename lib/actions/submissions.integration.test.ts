import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { submissions } from "../db/schema/history.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ActionState } from "../schemas/action-state.ts";
import {
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { signInAction } from "./account.ts";
import { createInstanceAction } from "./instances.ts";
import { createRuleAction, triggerRuleAction } from "./rules.ts";
import { retryFailedAction } from "./tasks.ts";
import { createUserAction } from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

type AnyAction = (previous: ActionState<unknown>, form: FormData) => Promise<ActionState<unknown>>;

const PASSWORD = "correct horse battery";
let testDb: TestDatabase;
let root: Browser;
let source: string;
let target: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  await insertUser(database(), {
    username: "root",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
  root = await signedIn("root");
});
beforeEach(async () => {
  source = await insertInstance(database());
  target = await insertInstance(database());
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

async function signedIn(username: string): Promise<Browser> {
  const browser = new Browser();
  await browser.request(() => signInAction({ status: "idle" }, formOf({ username, password: PASSWORD })));
  return browser;
}

function submit(action: unknown, input: object, key: string | null, browser = root) {
  const form = formOf(input);
  if (key !== null) {
    form.set("submissionKey", key);
  }
  return browser.request(() => (action as AnyAction)({ status: "idle" }, form));
}

const resultOf = (state: ActionState<unknown>) => {
  expect(state.status).toBe("ok");
  return state.status === "ok" ? state.result : null;
};
async function rowsOf(table: string): Promise<number> {
  const { rows } = await database().execute<{ n: number }>(
    sql`select count(*)::int as n from ${sql.identifier(table)}`,
  );
  return rows[0]?.n ?? 0;
}

const ruleInput = () => ({
  name: `rule-${randomUUID().slice(0, 8)}`,
  sourceInstanceId: source,
  sourceNamespace: "team",
  resourceType: "all",
  targets: [{ instanceId: target, namespace: null }],
});

/** What is sent, and the table that gets one row of it. */
const CASES: Record<string, () => Promise<{ action: unknown; input: object; table: string }>> = {
  "an instance": async () => ({
    action: createInstanceAction,
    input: { name: randomUUID(), address: "https://127.8.0.1:9", vendor: "generic" },
    table: "instances",
  }),
  "a rule with its first task": async () => ({
    action: createRuleAction,
    input: ruleInput(),
    table: "tasks",
  }),
  "a user": async () => ({
    action: createUserAction,
    input: { username: `u${randomUUID().slice(0, 8)}`, displayName: "", password: PASSWORD },
    table: "users",
  }),
  "a trigger": async () => {
    const { ruleId } = await insertRule(database(), { source, target });
    await insertTask(database(), { ruleId, source }, { status: "running" });
    return { action: triggerRuleAction, input: { ruleId }, table: "tasks" };
  },
  "a retry of what failed": async () => {
    const { ruleId } = await insertRule(database(), { source, target });
    const taskId = await insertTask(database(), { ruleId, source }, { status: "failed" });
    await insertTransfer(database(), { taskId, target }, { status: "failed" });
    return { action: retryFailedAction, input: { taskId }, table: "tasks" };
  },
};

test.each(Object.entries(CASES))(
  "%s, submitted twice at the same moment, and once more: one row, one audit row, the same answer",
  async (_name, prepare) => {
    const { action, input, table } = await prepare();
    const before = {
      rows: await rowsOf(table),
      audit: await rowsOf("audit"),
      joins: await rowsOf("task_joins"),
    };
    const key = randomUUID();
    const [first, second] = await Promise.all([submit(action, input, key), submit(action, input, key)]);
    const third = await submit(action, input, key);
    expect(resultOf(first)).not.toBeNull();
    expect(resultOf(second)).toEqual(resultOf(first));
    expect(resultOf(third)).toEqual(resultOf(first));
    expect({
      rows: await rowsOf(table),
      audit: await rowsOf("audit"),
      joins: await rowsOf("task_joins"),
    }).toEqual({ rows: before.rows + 1, audit: before.audit + 1, joins: before.joins });
  },
);

test("without a key a second trigger joins, as two people's do", async () => {
  const { ruleId } = await insertRule(database(), { source, target });
  expect(resultOf(await submit(triggerRuleAction, { ruleId }, null))).toMatchObject({ joined: false });
  expect(resultOf(await submit(triggerRuleAction, { ruleId }, null))).toMatchObject({ joined: true });
});

test("what was refused leaves its key free for the corrected form", async () => {
  const key = randomUUID();
  const taken = ruleInput();
  resultOf(await submit(createRuleAction, taken, randomUUID()));
  expect(await submit(createRuleAction, taken, key)).toMatchObject({ reason: "rule-name-taken" });
  expect(resultOf(await submit(createRuleAction, ruleInput(), key))).toMatchObject({
    ruleId: expect.any(String),
  });
});

test("a key belongs to one user and one action", async () => {
  await insertUser(database(), {
    username: "second",
    role: "root",
    passwordHash: await hashPassword(PASSWORD),
  });
  const second = await signedIn("second");
  const key = randomUUID();
  const mine = resultOf(await submit(createRuleAction, ruleInput(), key));
  const theirs = resultOf(await submit(createRuleAction, ruleInput(), key, second));
  expect(theirs).not.toEqual(mine);
  const { ruleId } = await insertRule(database(), { source, target });
  expect(resultOf(await submit(triggerRuleAction, { ruleId }, key))).toMatchObject({ joined: false });
});

test("nothing of what was sent is kept with a key", async () => {
  const key = randomUUID();
  const input = { username: "keeper", displayName: "", password: "canary-passphrase" };
  resultOf(await submit(createUserAction, input, key));
  const [kept] = await database().select().from(submissions).where(eq(submissions.key, key));
  expect(kept).toMatchObject({ action: "user:create", result: { userId: expect.any(String) } });
  expect(JSON.stringify(kept)).not.toContain("passphrase");
  const [row] = await database().select().from(audit).where(eq(audit.subjectName, "keeper"));
  expect(row?.outcome).toBe("ok");
});
