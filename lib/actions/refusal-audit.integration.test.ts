import { desc } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { hashPassword } from "../auth/password.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { noticeAddresses } from "../db/schema/notices.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ActionState } from "../schemas/action-state.ts";
import { seal } from "../secrets.ts";
import { insertInstance, insertRule, insertTask, insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { insertNoticeAddress } from "../testing/notice-rows.ts";
import { signInAction } from "./account.ts";
import { undoDeletionsAction } from "./deletions.ts";
import { createInstanceAction, updateInstanceAction } from "./instances.ts";
import { updateNoticeAction } from "./notices.ts";
import { createRuleAction, updateRuleAction } from "./rules.ts";
import { retryFailedAction } from "./tasks.ts";
import { createUserAction, resetPasswordAction } from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

const IDLE = { status: "idle" } as const;
const PASSWORD = "correct horse battery";
let testDb: TestDatabase;
const ids = { instance: "", rule: "", task: "", user: "", notice: "" };
const root = new Browser();
const nobody = new Browser();

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  const db = database();
  const passwordHash = await hashPassword(PASSWORD);
  await insertUser(db, { username: "root", role: "root", passwordHash });
  ids.user = await insertUser(db, { username: "somebody", passwordHash });
  ids.instance = await insertInstance(db, { name: "source" });
  const target = await insertInstance(db, { name: "target" });
  const { ruleId } = await insertRule(db, { source: ids.instance, target }, { name: "to-target" });
  ids.rule = ruleId;
  ids.task = await insertTask(db, { ruleId, source: ids.instance }, { status: "running", number: 7 });
  ids.notice = await insertNoticeAddress(db, {
    url: "https://127.9.0.1:9/hook",
    secret: "whsec_AAAA",
    seal,
  });
  await db.update(noticeAddresses).set({ name: "hook" });
  for (const [browser, username] of [
    [root, "root"],
    [nobody, "somebody"],
  ] as const) {
    const form = formOf({ username, password: PASSWORD });
    expect(await browser.request(() => signInAction(IDLE, form))).toMatchObject({ status: "ok" });
  }
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

type AnyAction = (previous: { status: "idle" }, form: FormData) => Promise<ActionState<unknown>>;

/** What the audit says of the refusal of this form. */
async function refused(browser: Browser, action: unknown, input: object) {
  const answer = await browser.request(() => (action as AnyAction)(IDLE, formOf(input)));
  expect(answer).toMatchObject({ status: "error" });
  const [row] = await database()
    .select({
      outcome: audit.outcome,
      kind: audit.subjectKind,
      id: audit.subjectId,
      name: audit.subjectName,
    })
    .from(audit)
    .orderBy(desc(audit.id))
    .limit(1);
  return row;
}

test.each([
  ["instance", updateInstanceAction, { name: "" }, "source"],
  ["rule", updateRuleAction, { tagPattern: "(" }, "to-target"],
  ["notice", updateNoticeAction, { name: "" }, "hook"],
  ["user", resetPasswordAction, { password: "short" }, "somebody"],
] as const)(
  "a wrong field of %s: the audit names what was to be changed",
  async (kind, action, wrong, name) => {
    expect(await refused(root, action, { [`${kind}Id`]: ids[kind], ...wrong })).toEqual({
      outcome: "invalid",
      kind,
      id: ids[kind],
      name,
    });
  },
);

test("a task that cannot be retried goes by its rule and number", async () => {
  expect(await refused(root, retryFailedAction, { taskId: ids.task })).toMatchObject({
    kind: "task",
    id: ids.task,
    name: "to-target #7",
  });
});

test("deletions go by their rule", async () => {
  const input = { ruleId: ids.rule, what: "burn", selection: { state: "pending" } };
  expect(await refused(root, undoDeletionsAction, input)).toMatchObject({
    kind: "rule",
    id: ids.rule,
    name: "to-target",
  });
});

test("who may not is told of with the name, though they may not see it", async () => {
  const input = { instanceId: ids.instance, name: "mine", address: "https://127.9.0.1:9", vendor: "generic" };
  expect(await refused(nobody, updateInstanceAction, { ...input, version: 1 })).toMatchObject({
    outcome: "denied",
    id: ids.instance,
    name: "source",
  });
});

test.each([
  ["instance", createInstanceAction, { name: "new one", address: "nowhere" }, "new one"],
  ["rule", createRuleAction, { name: `${"x".repeat(200)}` }, "x".repeat(128)],
  ["rule", createRuleAction, { name: "a\u0000b" }, "ab"],
  ["rule", createRuleAction, { name: { text: 1 } }, null],
  ["rule", updateRuleAction, { ruleId: "1", name: "  " }, null],
  ["rule", updateRuleAction, { ruleId: "0192e4a0-0000-7000-8000-000000000000", name: "x" }, null],
  // Now and then it is a password that was typed into the wrong field.
  ["user", createUserAction, { username: "not a name!", password: "short" }, null],
] as const)(
  "%s: what does not exist goes by the name asked for, if by any",
  async (kind, action, input, name) => {
    expect(await refused(root, action, input)).toMatchObject({ outcome: "invalid", kind, name });
  },
);

test("of whoever is not signed in no word is kept", async () => {
  expect(await refused(new Browser(), createRuleAction, { name: "a word of mine" })).toMatchObject({
    outcome: "denied",
    kind: "rule",
    name: null,
  });
});
