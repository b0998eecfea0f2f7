import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { RULE_SORTS, RuleListQuery } from "../schemas/rule.ts";
import type { Page, TaskStatus } from "../schemas/task.ts";
import { TaskListQuery, TransferListQuery } from "../schemas/task-query.ts";
import {
  insertInstance,
  insertRule,
  insertTask,
  insertTransfer,
  insertUser,
} from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { failureReasons } from "./failure-reasons.ts";
import { listInstances } from "./instances.ts";
import { listRules } from "./rules.ts";
import { listTasks } from "./task-list.ts";
import { listTransfers } from "./transfers.ts";
import { listUsers } from "./users.ts";

const root = <P extends Permission>(permission: P): Actor<P> =>
  ({
    permission,
    user: { id: null, username: "root", role: "root" },
    holds: "all",
    view: "all",
    operate: "all",
    manage: "all",
    receive: "all",
    request: { id: "test", ip: null },
  }) as unknown as Actor<P>;

const RULES = 47;
const TRANSFERS = 45;
let testDb: TestDatabase;
let source: string;
let target: string;
let bigTask: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  const db = database();
  source = await insertInstance(db, { name: "source" });
  target = await insertInstance(db, { name: "target" });
  const statuses: (TaskStatus | null)[] = [
    "succeeded",
    "failed",
    "partial",
    "nothing-matched",
    "running",
    null,
  ];
  for (let index = 0; index < RULES; index += 1) {
    // Equal creation times and missing tasks: ties that only the id breaks.
    const { ruleId } = await insertRule(
      db,
      { source, target },
      {
        name: `rule-${String((index * 17) % RULES).padStart(2, "0")}`,
        enabled: index % 5 !== 0,
        createdAt: new Date(Date.UTC(2026, 0, 1 + (index % 4))),
        tagPattern: index === 3 ? "100%_match" : "",
      },
    );
    const status = statuses[index % statuses.length] ?? null;
    if (status) {
      const endedAt = status === "running" ? null : new Date();
      await insertTask(db, { ruleId, source }, { status: "succeeded", endedAt: new Date() });
      bigTask = await insertTask(db, { ruleId, source }, { status, endedAt });
    }
  }
  for (let index = 0; index < TRANSFERS; index += 1) {
    await insertTransfer(
      db,
      { taskId: bigTask, target },
      index % 3 === 0
        ? {
            status: "failed",
            reason: index % 2 === 0 ? "no-space" : "denied",
            failure: {
              code: "DENIED",
              side: "target",
              httpStatus: 403,
              registryMessage: null,
              request: null,
              digest: null,
            },
          }
        : { status: "copied" },
    );
  }
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

type Paged = Page<{ id: string }>;

/** Walks a list to its end and back; both ways must tell the same, and no row twice. */
async function walk(
  read: (cursor: { after?: string; before?: string }) => Promise<Paged>,
): Promise<string[]> {
  const pages: string[][] = [];
  let page = await read({});
  expect(page.previous).toBeNull();
  pages.push(page.rows.map(({ id }) => id));
  while (page.next) {
    page = await read({ after: page.next });
    expect(page.previous).not.toBeNull();
    pages.push(page.rows.map(({ id }) => id));
  }
  const back: string[][] = [page.rows.map(({ id }) => id)];
  while (page.previous) {
    page = await read({ before: page.previous });
    expect(page.next).not.toBeNull();
    back.unshift(page.rows.map(({ id }) => id));
  }
  expect(back).toEqual(pages);
  const all = pages.flat();
  expect(new Set(all).size).toBe(all.length);
  return all;
}

describe("rules", () => {
  test.each(RULE_SORTS)("sorted by %s: every page, forward and back", async (sort) => {
    const all = await walk((cursor) =>
      listRules(root("rule:view"), RuleListQuery.parse({ sort, size: 20, ...cursor })),
    );
    expect(all).toHaveLength(RULES);
    const opposite = RULE_SORTS.find(
      (other) => other === (sort.startsWith("-") ? sort.slice(1) : `-${sort}`),
    );
    const reversed = await walk((cursor) =>
      listRules(root("rule:view"), RuleListQuery.parse({ sort: opposite, size: 20, ...cursor })),
    );
    expect(reversed).toEqual([...all].reverse());
  });

  test("a cursor of one order does not mislead another", async () => {
    const byName = await listRules(root("rule:view"), RuleListQuery.parse({ sort: "name", size: 20 }));
    const other = await listRules(
      root("rule:view"),
      RuleListQuery.parse({ sort: "created", size: 20, after: byName.next }),
    );
    const first = await listRules(root("rule:view"), RuleListQuery.parse({ sort: "created", size: 20 }));
    expect(other.rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id));
  });

  test("chips count what their filter lists", async () => {
    const list = (query: object) =>
      listRules(root("rule:view"), RuleListQuery.parse({ size: 100, ...query }));
    const { counts } = await list({});
    const keys = {
      active: "active",
      failed: "failed",
      partial: "partial",
      "nothing-matched": "nothingMatched",
      disabled: "disabled",
    } as const;
    for (const [state, key] of Object.entries(keys)) {
      const filtered = await list({ state });
      expect([state, filtered.rows.length]).toEqual([state, counts[key]]);
      expect(filtered.rows.length).toBeGreaterThan(0);
      expect(filtered.counts).toEqual(counts);
    }
    expect(counts.all).toBe(RULES);
  });

  test("searches for characters, wildcards too", async () => {
    const list = async (q: string) =>
      (await listRules(root("rule:view"), RuleListQuery.parse({ q, size: 100 }))).rows.length;
    expect(await list("100%_m")).toBe(1);
    expect(await list("%")).toBe(1);
    expect(await list("RULE-0")).toBe(10);
    expect(await list("' or 1=1 --")).toBe(0);
  });

  test("tell the last task and how the last 30 days ended", async () => {
    const { rows } = await listRules(root("rule:view"), RuleListQuery.parse({ state: "failed", size: 20 }));
    expect(rows[0]?.lastTask?.status).toBe("failed");
    expect(rows[0]?.days.at(-1)).toEqual({
      day: new Date().toISOString().slice(0, 10),
      succeeded: 1,
      partial: 0,
      failed: 1,
    });
  });
});

test("tasks: newest first, every page, by status, by number", async () => {
  const all = await walk((cursor) =>
    listTasks(root("task:view"), TaskListQuery.parse({ size: 20, ...cursor })),
  );
  expect(all).toEqual([...all].sort().reverse());
  const failed = await listTasks(root("task:view"), TaskListQuery.parse({ status: "failed", size: 100 }));
  expect(failed.rows.every(({ status }) => status === "failed")).toBe(true);
  const [first] = failed.rows;
  const byNumber = await listTasks(root("task:view"), TaskListQuery.parse({ q: `#${first?.number}` }));
  expect(byNumber.rows.map(({ id }) => id)).toContain(first?.id);
});

test("transfers: every page; why they failed, the most frequent first", async () => {
  const read = (query: object) =>
    listTransfers(root("task:view"), bigTask, TransferListQuery.parse({ size: 20, ...query }));
  expect(await walk(read)).toHaveLength(TRANSFERS);
  const reasons = await failureReasons(root("task:view"), bigTask);
  expect(reasons.map(({ reason, count }) => [reason, count])).toEqual([
    ["no-space", 8],
    ["denied", 7],
  ]);
  expect(reasons[0]).toMatchObject({
    fact: { httpStatus: 403 },
    example: { status: "failed", taskId: bigTask },
  });
});

test("instances: every page", async () => {
  for (let index = 0; index < 30; index += 1) {
    await insertInstance(database());
  }
  expect(await walk((cursor) => listInstances(root("instance:list"), { size: 20, ...cursor }))).toHaveLength(
    32,
  );
});

test("users: every page, root first, and by a part of either name", async () => {
  const roots = [await insertUser(database(), { role: "root", username: "zz-root" })];
  for (let index = 0; index < 44; index += 1) {
    await insertUser(database(), {
      username: `member-${String(index).padStart(2, "0")}`,
      displayName: "100%",
    });
  }
  const list = (q?: string) =>
    walk((cursor) => listUsers(root("user:list"), { size: 20, ...(q ? { q } : {}), ...cursor }));
  const all = await list();
  expect(all).toHaveLength(45);
  expect(all.slice(0, 1)).toEqual(roots);
  expect(await list("ZZ-")).toEqual(roots);
  expect(await list("0%")).toHaveLength(44);
  expect(await list("member-1")).toHaveLength(10);
});
