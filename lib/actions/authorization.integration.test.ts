import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { authorize } from "../auth/authorize.ts";
import { hashPassword } from "../auth/password.ts";
import { PERMISSIONS, type Permission } from "../auth/permissions.ts";
import { listAudit } from "../data/audit.ts";
import { deletionCounts, deletionsOfTask, listDeletions } from "../data/deletions.ts";
import { connectionOf, getInstance, listInstances } from "../data/instances.ts";
import { listNoticeAddresses, listNoticeDeliveries } from "../data/notices.ts";
import { getOverview } from "../data/overview.ts";
import { previewOfDraft, previewOfEdit, previewOfRule } from "../data/preview.ts";
import { bulkImpact } from "../data/rule-bulk.ts";
import { getRule } from "../data/rules.ts";
import { systemFacts } from "../data/settings.ts";
import { taskLog } from "../data/task-log.ts";
import { listSamples } from "../data/task-samples.ts";
import { getTask } from "../data/tasks.ts";
import { topologyRows } from "../data/topology-rows.ts";
import { getTransfer } from "../data/transfers.ts";
import { getUser } from "../data/users.ts";
import { closeDatabase, database } from "../db/client.ts";
import { audit } from "../db/schema/audit.ts";
import { grants } from "../db/schema/instances.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";
import { users } from "../db/schema/people.ts";
import { rules } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import type { ActionState } from "../schemas/action-state.ts";
import type { Grant, GrantLevel } from "../schemas/instance.ts";
import type { BulkResult } from "../schemas/rule-bulk.ts";
import { TopologyQuery } from "../schemas/topology-query.ts";
import { seal } from "../secrets.ts";
import {
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { Browser, formOf } from "../testing/next-request.ts";
import { insertNoticeAddress } from "../testing/notice-rows.ts";
import { WHOLE_SELECTION } from "../testing/rule-input.ts";
import { changePasswordAction, signInAction, signOutAction } from "./account.ts";
import { readNamespaces } from "./connection.ts";
import { confirmDeletionsAction, undoDeletionsAction } from "./deletions.ts";
import {
  checkInstanceAction,
  createInstanceAction,
  deleteInstanceAction,
  rotateCredentialAction,
  setEventAddressAction,
  testConnectionAction,
  updateInstanceAction,
} from "./instances.ts";
import { setLocaleAction } from "./locale.ts";
import {
  createNoticeAction,
  deleteNoticeAction,
  resendNoticeAction,
  rotateNoticeSecretAction,
  setNoticeEnabledAction,
  testNoticeAction,
  updateNoticeAction,
} from "./notices.ts";
import {
  createRuleAction,
  deleteRuleAction,
  deleteRulesAction,
  setRuleEnabledAction,
  setRulesEnabledAction,
  triggerRuleAction,
  triggerRulesAction,
  updateRuleAction,
  verifyRuleAction,
  verifyRulesAction,
} from "./rules.ts";
import { endOtherSessionsAction, setShortcutsAction } from "./settings.ts";
import { retryFailedAction, stopTaskAction } from "./tasks.ts";
import {
  createUserAction,
  deleteUserAction,
  resetPasswordAction,
  saveGrantsAction,
  setUserDisabledAction,
} from "./users.ts";

vi.mock("next/headers", () => import("../testing/next-request.ts"));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

/**
 * Every permission × what a sub-account holds × at which end of the rule it holds it, called without any page.
 * The outcomes below are read out of the section "Grants" of the requirements, not out of lib/auth/permissions.ts:
 *
 * - manage includes operate, operate includes view; receive is independent and implies seeing the instance's name
 * - view reads rules, tasks and the instance; operate also triggers, stops, retries, switches; manage also creates, configures
 *   and deletes rules that start there, and edits the instance; operate and manage count at the source only
 * - creating a rule or changing its targets needs receive on every target
 * - no visibility answers like an id that does not exist (404), visible but not permitted answers 403
 * - only root creates and deletes instances, manages users and grants, and reads audit
 */
const SETS = {
  none: { level: null, receive: false },
  view: { level: "view", receive: false },
  operate: { level: "operate", receive: false },
  manage: { level: "manage", receive: false },
  receive: { level: null, receive: true },
  "manage+receive": { level: "manage", receive: true },
} as const satisfies Record<string, { level: GrantLevel | null; receive: boolean }>;
type SetName = keyof typeof SETS;

const ENDS = ["source", "target", "both", "neither"] as const;
type End = (typeof ENDS)[number];

/** Outcomes at source, target, both, neither; `+` done, `3` 403, `4` 404. */
type Row = `${string}${string}${string}${string}`;
type Matrix = Record<SetName, Row>;

const matrix = (none: Row, view: Row, operate: Row, manage: Row, receive: Row, both: Row): Matrix => ({
  none,
  view,
  operate,
  manage,
  receive,
  "manage+receive": both,
});
/**                             none    view    operate manage  receive manage+receive */
const READS_RULE = matrix("4444", "+++4", "+++4", "+++4", "4444", "+++4");
const NEEDS_OPERATE = matrix("4444", "3334", "+3+4", "+3+4", "4444", "+3+4");
const NEEDS_MANAGE = matrix("4444", "3334", "3334", "+3+4", "4444", "+3+4");
/** Without the grant anywhere the whole is refused; with it somewhere each rule is asked for on its own. */
const OPERATES_SEVERAL = matrix("3333", "3333", "+3+4", "+3+4", "3333", "+3+4");
const MANAGES_SEVERAL = matrix("3333", "3333", "3333", "+3+4", "3333", "+3+4");
const COUNTS_SEVERAL = matrix("3333", "3333", "++++", "++++", "3333", "++++");
/** Manage at the source, and receive at the target that is changed; the rule's own target is not unknown. */
const RETARGETS = matrix("4444", "3334", "3334", "3334", "4444", "33+4");
/** The source is seen by whoever holds anything on it; a target of which nothing is seen does not exist. */
const CREATES_RULE = matrix("4444", "3434", "3434", "4434", "3434", "44+4");
const VIEWS_INSTANCE = matrix("4444", "+4+4", "+4+4", "+4+4", "3434", "+4+4");
const CHECKS_INSTANCE = matrix("4444", "3434", "+4+4", "+4+4", "3434", "+4+4");
const MANAGES_INSTANCE = matrix("4444", "3434", "3434", "+4+4", "3434", "+4+4");
const ROOT_INSTANCE = matrix("4444", "3434", "3434", "3434", "3434", "3434");
const ROOT_ONLY = matrix("3333", "3333", "3333", "3333", "3333", "3333");
const ANYBODY = matrix("++++", "++++", "++++", "++++", "++++", "++++");

interface World {
  source: string;
  target: string;
  elsewhere: string;
  other: string;
}

interface Operation {
  permission: Permission;
  expected: Matrix;
  /** Changes something: then every outcome leaves one audit row. */
  audited: boolean;
  /** Prepares a subject of its own, and answers how to call. */
  prepare(world: World): Promise<() => Promise<unknown>>;
}

const act =
  <R>(action: (previous: ActionState<R>, form: FormData) => Promise<ActionState<R>>, input: unknown) =>
  async (): Promise<R> => {
    const state = await action({ status: "idle" }, formOf(input));
    if (state.status === "error") {
      throw new AppError(state.code === "UNKNOWN" ? "CONFLICT" : state.code, `${state.code} ${state.reason}`);
    }
    if (state.status !== "ok") {
      throw new Error("an action answers ok or error");
    }
    return state.result;
  };

/** What the one rule of a bulk action was refused for, as if it had been asked for alone. */
const bulk = (call: () => Promise<BulkResult>) => async () => {
  const [refused] = (await call()).refused;
  if (refused) {
    throw new AppError(refused.code, refused.reason);
  }
};
const aRule = (world: World) => insertRule(database(), world);
async function aTask(
  world: World,
  status: "pending" | "failed" = "pending",
): Promise<{ taskId: string; transferId: string }> {
  const { ruleId } = await aRule(world);
  const taskId = await insertTask(database(), { ruleId, source: world.source }, { status });
  const transferId = await insertTransfer(
    database(),
    { taskId, target: world.target },
    { status: status === "failed" ? "failed" : "pending" },
  );
  return { taskId, transferId };
}
let counter = 0;
const fresh = (prefix: string): string => `${prefix}-${++counter}`;
const PASSWORD = "correct horse battery";

/** Dialled in vain: nobody listens there, and the egress rule would not let us. */
async function aNoticeAddress(): Promise<string> {
  await database().delete(noticeAddresses);
  return insertNoticeAddress(database(), { url: "https://127.7.0.1:9/hook", secret: "whsec_AAAA", seal });
}

const RULE_FIELDS = { sourceNamespace: "team", resourceType: "all", targets: [] as unknown[] };
const instanceFields = (id: string) => ({
  instanceId: id,
  version: 1,
  name: fresh("edited"),
  address: `https://127.8.0.1:${9 + (counter % 1000)}`,
  vendor: "distribution",
});

const previewDraft = ({ source, target }: World) => ({
  sourceInstanceId: source,
  sourceNamespace: "team",
  repositoryPattern: "",
  tagPattern: "",
  ...WHOLE_SELECTION,
  resourceType: "all" as const,
  override: false,
  targets: [{ instanceId: target, namespace: null }],
});

const reads = (permission: Permission, expected: Matrix, prepare: Operation["prepare"]): Operation => ({
  permission,
  expected,
  audited: false,
  prepare,
});
const changes = (permission: Permission, expected: Matrix, prepare: Operation["prepare"]): Operation => ({
  permission,
  expected,
  audited: true,
  prepare,
});

const OPERATIONS: Record<string, Operation> = {
  "read a rule": reads("rule:view", READS_RULE, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => getRule(await authorize("rule:view", { ruleId }), ruleId);
  }),
  "read a task": reads("task:view", READS_RULE, async (world) => {
    const { taskId } = await aTask(world);
    return async () => getTask(await authorize("task:view", { taskId }), taskId);
  }),
  "read the log of a task": reads("task:view", READS_RULE, async (world) => {
    const { taskId } = await aTask(world);
    return async () => (await taskLog(await authorize("task:view", { taskId }), taskId)).lines.next();
  }),
  "read the throughput of a task": reads("task:view", READS_RULE, async (world) => {
    const { taskId } = await aTask(world);
    return async () => listSamples(await authorize("task:view", { taskId }), taskId);
  }),
  "read a transfer": reads("task:view", READS_RULE, async (world) => {
    const { transferId } = await aTask(world);
    return async () => getTransfer(await authorize("task:view", { transferId }), transferId);
  }),
  "trigger a rule": changes("rule:trigger", NEEDS_OPERATE, async (world) =>
    act(triggerRuleAction, { ruleId: (await aRule(world)).ruleId }),
  ),
  "verify a rule": changes("rule:trigger", NEEDS_OPERATE, async (world) =>
    act(verifyRuleAction, { ruleId: (await aRule(world)).ruleId, depth: "shallow" }),
  ),
  "switch a rule": changes("rule:switch", NEEDS_OPERATE, async (world) =>
    act(setRuleEnabledAction, { ruleId: (await aRule(world)).ruleId, enabled: false }),
  ),
  "stop a task": changes("task:stop", NEEDS_OPERATE, async (world) =>
    act(stopTaskAction, { taskId: (await aTask(world)).taskId }),
  ),
  "retry what failed": changes("task:retry", NEEDS_OPERATE, async (world) =>
    act(retryFailedAction, { taskId: (await aTask(world, "failed")).taskId }),
  ),
  "create a rule": changes("rule:create", CREATES_RULE, async (world) =>
    act(createRuleAction, {
      ...RULE_FIELDS,
      name: fresh("created"),
      sourceInstanceId: world.source,
      targets: [{ instanceId: world.target, namespace: null }],
    }),
  ),
  "edit a rule, its target as it was": changes("rule:edit", NEEDS_MANAGE, async (world) => {
    const { ruleId, name } = await aRule(world);
    return act(updateRuleAction, {
      ...RULE_FIELDS,
      ruleId,
      version: 1,
      name,
      tagPattern: "v.*",
      targets: [{ instanceId: world.target, namespace: null }],
    });
  }),
  "edit a rule, its target changed": changes("rule:edit", RETARGETS, async (world) => {
    const { ruleId, name } = await aRule(world);
    return act(updateRuleAction, {
      ...RULE_FIELDS,
      ruleId,
      version: 1,
      name,
      targets: [{ instanceId: world.target, namespace: "elsewhere" }],
    });
  }),
  "edit a rule so that its target follows the source elsewhere": changes(
    "rule:edit",
    RETARGETS,
    async (world) => {
      const { ruleId, name } = await aRule(world);
      return act(updateRuleAction, {
        ...RULE_FIELDS,
        ruleId,
        version: 1,
        name,
        sourceNamespace: "another",
        targets: [{ instanceId: world.target, namespace: null }],
      });
    },
  ),
  "preview a rule that is new": reads("rule:preview", CREATES_RULE, async (world) => async () => {
    const draft = previewDraft(world);
    const subject = { instanceId: world.source, targetInstanceIds: [world.target] };
    return previewOfDraft(await authorize("rule:preview", subject), draft);
  }),
  "preview an edit, its target as it was": reads("rule:edit", NEEDS_MANAGE, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => previewOfEdit(await authorize("rule:edit", { ruleId }), ruleId, previewDraft(world));
  }),
  "preview an edit, its target changed": reads("rule:edit", RETARGETS, async (world) => {
    const { ruleId } = await aRule(world);
    const draft = { ...previewDraft(world), sourceNamespace: "another" };
    return async () => previewOfEdit(await authorize("rule:edit", { ruleId }), ruleId, draft);
  }),
  "preview a trigger": reads("rule:trigger", NEEDS_OPERATE, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => previewOfRule(await authorize("rule:trigger", { ruleId }), ruleId);
  }),
  "delete a rule": changes("rule:delete", NEEDS_MANAGE, async (world) => {
    const { ruleId, name } = await aRule(world);
    return act(deleteRuleAction, { ruleId, confirmName: name });
  }),
  "trigger several rules": changes("rule:trigger", OPERATES_SEVERAL, async (world) =>
    bulk(act(triggerRulesAction, { selection: { ruleIds: [(await aRule(world)).ruleId] } })),
  ),
  "verify several rules": changes("rule:trigger", OPERATES_SEVERAL, async (world) =>
    bulk(
      act(verifyRulesAction, {
        selection: { ruleIds: [(await aRule(world)).ruleId] },
        depth: "shallow",
      }),
    ),
  ),
  "read deletions": reads("rule:view", READS_RULE, async (world) => {
    const { ruleId } = await aRule(world);
    const query = { size: 50 } as const;
    return async () => listDeletions(await authorize("rule:view", { ruleId }), ruleId, query);
  }),
  "count deletions": reads("rule:view", READS_RULE, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => deletionCounts(await authorize("rule:view", { ruleId }), ruleId);
  }),
  "read what a task missed": reads("task:view", READS_RULE, async (world) => {
    const { taskId } = await aTask(world);
    return async () => deletionsOfTask(await authorize("task:view", { taskId }), taskId);
  }),
  "keep a tag that is to be deleted": changes("deletion:undo", NEEDS_OPERATE, async (world) =>
    act(undoDeletionsAction, {
      ruleId: (await aRule(world)).ruleId,
      what: "keep",
      selection: { state: "pending" },
    }),
  ),
  "confirm a deletion": changes("deletion:confirm", NEEDS_MANAGE, async (world) =>
    act(confirmDeletionsAction, {
      ruleId: (await aRule(world)).ruleId,
      what: "confirm",
      selection: { state: "held" },
    }),
  ),
  "switch several rules": changes("rule:switch", OPERATES_SEVERAL, async (world) =>
    bulk(
      act(setRulesEnabledAction, {
        selection: { ruleIds: [(await aRule(world)).ruleId] },
        enabled: false,
      }),
    ),
  ),
  "delete several rules": changes("rule:delete", MANAGES_SEVERAL, async (world) =>
    bulk(act(deleteRulesAction, { selection: { ruleIds: [(await aRule(world)).ruleId] }, confirmCount: 1 })),
  ),
  "count what a bulk action meets": reads("rule:switch", COUNTS_SEVERAL, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => bulkImpact(await authorize("rule:switch"), { ruleIds: [ruleId] });
  }),

  "list instances": reads(
    "instance:list",
    ANYBODY,
    async () => async () => listInstances(await authorize("instance:list"), { size: 50 }),
  ),
  "read an instance": reads(
    "instance:view",
    VIEWS_INSTANCE,
    async ({ source }) =>
      async () =>
        getInstance(await authorize("instance:view", { instanceId: source }), source),
  ),
  "check an instance": changes("instance:check", CHECKS_INSTANCE, async ({ source }) =>
    act(checkInstanceAction, { instanceId: source }),
  ),
  "list namespaces": reads(
    "instance:namespaces",
    MANAGES_INSTANCE,
    async ({ source }) =>
      async () =>
        readNamespaces(
          await connectionOf(await authorize("instance:namespaces", { instanceId: source }), source),
        ),
  ),
  "test a connection": changes("instance:test", MANAGES_INSTANCE, async ({ source }) =>
    act(testConnectionAction, instanceFields(source)),
  ),
  "test a connection to anywhere": changes("instance:test", ROOT_ONLY, async ({ source }) =>
    act(testConnectionAction, { ...instanceFields(source), instanceId: undefined }),
  ),
  "edit an instance": changes("instance:edit", MANAGES_INSTANCE, async (world) => {
    const { rows } = await database().execute<{ version: number }>(
      sql`select version from instances where id = ${world.source}`,
    );
    return act(updateInstanceAction, { ...instanceFields(world.source), version: rows[0]?.version });
  }),
  "replace the credential of an instance": changes("instance:edit", MANAGES_INSTANCE, async (world) =>
    act(rotateCredentialAction, { instanceId: world.source, version: 1, username: "robot", password: "new" }),
  ),
  "set the event address of an instance": changes("instance:edit", MANAGES_INSTANCE, async (world) =>
    act(setEventAddressAction, { instanceId: world.source, dialect: "generic" }),
  ),
  "create an instance": changes("instance:create", ROOT_ONLY, async () =>
    act(createInstanceAction, {
      name: fresh("new"),
      address: "https://127.8.0.1:9",
      vendor: "generic",
    }),
  ),
  "delete an instance": changes("instance:delete", ROOT_INSTANCE, async (world) => {
    // The grants of the cell are on the world's source; an instance that may really go stands in for it under root.
    const name = fresh("doomed");
    await database().execute(sql`update instances set name = ${name} where id = ${world.source}`);
    return act(deleteInstanceAction, { instanceId: world.source, confirmName: name });
  }),

  "list users": reads(
    "user:list",
    ROOT_ONLY,
    async ({ other }) =>
      async () =>
        getUser(await authorize("user:list"), other),
  ),
  "create a user": changes("user:create", ROOT_ONLY, async () =>
    act(createUserAction, { username: fresh("made"), displayName: "", password: PASSWORD }),
  ),
  "disable a user": changes("user:disable", ROOT_ONLY, async ({ other }) =>
    act(setUserDisabledAction, { userId: other, disabled: true }),
  ),
  "reset a password": changes("user:reset-password", ROOT_ONLY, async ({ other }) =>
    act(resetPasswordAction, { userId: other, password: PASSWORD }),
  ),
  "delete a user": changes("user:delete", ROOT_ONLY, async () => {
    const username = fresh("doomed");
    const userId = await insertUser(database(), { username });
    return act(deleteUserAction, { userId, confirmName: username });
  }),
  "save grants": changes("grants:save", ROOT_ONLY, async ({ other, elsewhere }) =>
    act(saveGrantsAction, {
      changes: [{ userId: other, instanceId: elsewhere, level: "view", receive: false }],
    }),
  ),
  "list addresses for notices": reads(
    "notice:view",
    ROOT_ONLY,
    async () => async () => listNoticeAddresses(await authorize("notice:view")),
  ),
  "list what became of notices": reads(
    "notice:view",
    ROOT_ONLY,
    async () => async () => listNoticeDeliveries(await authorize("notice:view"), { size: 20 }),
  ),
  "add an address for notices": changes("notice:create", ROOT_ONLY, async () => {
    await database().delete(noticeAddresses);
    const url = "https://hooks.example.com/x";
    return act(createNoticeAction, { name: fresh("hook"), kind: "slack", url, locale: "en" });
  }),
  "edit an address for notices": changes("notice:edit", ROOT_ONLY, async () =>
    act(updateNoticeAction, {
      noticeId: await aNoticeAddress(),
      version: 1,
      name: fresh("hook"),
      locale: "en",
    }),
  ),
  "switch an address for notices": changes("notice:edit", ROOT_ONLY, async () =>
    act(setNoticeEnabledAction, { noticeId: await aNoticeAddress(), enabled: false }),
  ),
  "replace a signing secret": changes("notice:rotate", ROOT_ONLY, async () =>
    act(rotateNoticeSecretAction, { noticeId: await aNoticeAddress() }),
  ),
  "delete an address for notices": changes("notice:delete", ROOT_ONLY, async () =>
    act(deleteNoticeAction, { noticeId: await aNoticeAddress() }),
  ),
  "send a test notice": changes("notice:test", ROOT_ONLY, async () =>
    act(testNoticeAction, { noticeId: await aNoticeAddress() }),
  ),
  "send a notice again": changes("notice:resend", ROOT_ONLY, async () => {
    const deliveryId = randomUUID();
    const addressId = await aNoticeAddress();
    await database()
      .insert(noticeDeliveries)
      .values({ id: deliveryId, addressId, event: "task-failed", subject: "task:x", state: "failed" });
    return act(resendNoticeAction, { deliveryId });
  }),
  "read the audit": reads(
    "audit:view",
    ROOT_ONLY,
    async () => async () => listAudit(await authorize("audit:view"), { size: 20 }),
  ),

  "see the overview": reads("overview:view", ANYBODY, async () => async () => {
    const { running } = await getOverview(await authorize("overview:view"));
    return running;
  }),
  "see a rule in the topology": reads("topology:view", READS_RULE, async (world) => {
    const { ruleId } = await aRule(world);
    return async () => {
      const { rows } = await topologyRows(
        await authorize("topology:view"),
        TopologyQuery.parse({ from: world.source, to: world.target, size: 100 }),
      );
      // The page is everybody's, its lines are not: a rule that is not seen is not there.
      if (!rows.some((row) => row.ruleId === ruleId)) {
        throw new AppError("NOT_FOUND", "not-found");
      }
    };
  }),
  "see one's account": reads("account:view", ANYBODY, async () => () => authorize("account:view")),
  "change one's password": changes("account:change-password", ANYBODY, async () =>
    act(changePasswordAction, { current: PASSWORD, password: PASSWORD }),
  ),
  "switch one's shortcuts": changes("account:preferences", ANYBODY, async () =>
    act(setShortcutsAction, { enabled: false }),
  ),
  "sign out one's other browsers": changes("account:end-sessions", ANYBODY, async () =>
    act(endOtherSessionsAction, {}),
  ),
  "see how the installation is set up": reads(
    "settings:view",
    ROOT_ONLY,
    async () => async () => systemFacts(await authorize("settings:view")),
  ),
  "choose one's language": changes("account:preferences", ANYBODY, async () =>
    act(setLocaleAction, { locale: "en" }),
  ),
};

let testDb: TestDatabase;
let passwordHash: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  passwordHash = await hashPassword(PASSWORD);
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb.drop();
});

async function newWorld(): Promise<World> {
  const db = database();
  return {
    source: await insertInstance(db),
    target: await insertInstance(db),
    elsewhere: await insertInstance(db),
    other: await insertUser(db),
  };
}

async function signedIn(role: "root" | "sub-account"): Promise<{ browser: Browser; userId: string }> {
  const username = fresh(role);
  const userId = await insertUser(database(), { username, role, passwordHash });
  const browser = new Browser();
  await browser.request(act(signInAction, { username, password: PASSWORD }));
  return { browser, userId };
}

async function hold(userId: string, world: World, set: SetName, end: End): Promise<void> {
  await database().delete(grants).where(eq(grants.userId, userId));
  const { level, receive } = SETS[set];
  if (level === null && !receive) {
    return;
  }
  const places = {
    source: [world.source],
    target: [world.target],
    both: [world.source, world.target],
    neither: [world.elsewhere],
  };
  await database()
    .insert(grants)
    .values(places[end].map((instanceId) => ({ userId, instanceId, level, receive })));
}

async function auditRows(): Promise<number> {
  const { rows } = await database().execute<{ count: number }>(
    sql`select count(*)::int as count from ${audit}`,
  );
  return rows[0]?.count ?? 0;
}

/** `+`, `1` (401), `3`, `4`, or the refusal in words where none was expected. */
async function outcomeOf(browser: Browser, operation: Operation, world: World): Promise<string> {
  const call = await operation.prepare(world);
  const before = await auditRows();
  let outcome: string;
  try {
    await browser.request(call);
    outcome = "+";
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    outcome = { UNAUTHENTICATED: "1", FORBIDDEN: "3", NOT_FOUND: "4" }[error.code as string] ?? error.message;
  }
  const written = (await auditRows()) - before;
  return written === (operation.audited ? 1 : 0) ? outcome : `${outcome} with ${written} audit rows`;
}

describe("a sub-account", () => {
  test.each(Object.keys(OPERATIONS))("%s", async (name) => {
    const operation = OPERATIONS[name] as Operation;
    const { browser, userId } = await signedIn("sub-account");
    const world = await newWorld();
    const found: Record<string, string> = {};
    for (const set of Object.keys(SETS) as SetName[]) {
      const outcomes: string[] = [];
      for (const end of ENDS) {
        await hold(userId, world, set, end);
        outcomes.push(await outcomeOf(browser, operation, world));
      }
      found[set] = outcomes.join("");
    }
    expect(found).toEqual(operation.expected);
  });
});

test.each(Object.keys(OPERATIONS))("root may: %s", async (name) => {
  const { browser } = await signedIn("root");
  expect(await outcomeOf(browser, OPERATIONS[name] as Operation, await newWorld())).toBe("+");
});

test.each(Object.keys(OPERATIONS))("nobody signed in, and nobody disabled, may: %s", async (name) => {
  const operation = OPERATIONS[name] as Operation;
  const world = await newWorld();
  expect(await outcomeOf(new Browser(), operation, world)).toBe("1");
  const { browser, userId } = await signedIn("root");
  await database().update(users).set({ disabledAt: new Date() }).where(eq(users.id, userId));
  expect(await outcomeOf(browser, operation, world)).toBe("1");
});

test("the table covers every permission", () => {
  // Sign-in, its language and set-up come before anybody is somebody; sign-out ends a session; who sends events is no user.
  // They have tests of their own.
  const elsewhere: Permission[] = [
    "session:sign-in",
    "session:language",
    "session:sign-out",
    "setup:claim",
    "event:receive",
  ];
  const covered = new Set([...Object.values(OPERATIONS).map(({ permission }) => permission), ...elsewhere]);
  expect([...covered].sort()).toEqual(Object.keys(PERMISSIONS).sort());
});

test("signing out ends the session, and only the session", async () => {
  const { browser } = await signedIn("sub-account");
  await browser.request(act(signOutAction, {}));
  await expect(browser.request(() => authorize("account:view"))).rejects.toThrow("UNAUTHENTICATED");
});

test("a refusal names the grant that is missing, where, and who can give it", async () => {
  const { browser, userId } = await signedIn("sub-account");
  const world = await newWorld();
  await hold(userId, world, "view", "source");
  const { ruleId } = await aRule(world);
  const state = await browser.request(() => triggerRuleAction({ status: "idle" }, formOf({ ruleId })));
  expect(state).toMatchObject({
    status: "error",
    code: "FORBIDDEN",
    reason: "grant-missing",
    values: { grant: "operate" satisfies Grant, granters: expect.stringContaining("root") },
  });
  const [rule] = await database().select().from(rules).where(eq(rules.id, ruleId));
  expect(rule?.enabled).toBe(true);
});
