import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import type { transfers } from "../db/schema/transfers.ts";
import { insertInstance, insertRule, insertTask, insertTransfer } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { plansOf, rowsRead } from "../testing/statement-plans.ts";
import { sourceIsBehind } from "./source-behind.ts";

// What only rows tell: transfers that are under way, and what asking costs. The orders of events, between registries, are in
// lib/jobs/source-behind.integration.test.ts.

let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

const [D1, D2, D3] = [1, 2, 3].map((n) => `sha256:${String(n).repeat(64)}`) as [string, string, string];
const NOON = Date.UTC(2026, 0, 1, 12);
const minute = (n: number) => new Date(NOON + n * 60_000);

interface End {
  instanceId: string;
  repository: string;
  tag: string;
}

let a: End;
let b: End;
let there: string;
let back: string;
beforeEach(async () => {
  const end = async (): Promise<End> => ({
    instanceId: await insertInstance(database()),
    repository: "team/app",
    tag: "1.0",
  });
  [a, b] = [await end(), await end()];
  const rule = async (from: End, to: End) =>
    (await insertRule(database(), { source: from.instanceId, target: to.instanceId }, { override: true }))
      .ruleId;
  [there, back] = [await rule(a, b), await rule(b, a)];
});

/** A transfer of a task that was claimed a minute before. */
async function transferred(
  ruleId: string,
  digest: string,
  { at, ...fields }: { at: number } & Partial<typeof transfers.$inferInsert>,
): Promise<void> {
  const [from, to] = ruleId === there ? [a, b] : [b, a];
  const about = { ruleId, source: from.instanceId };
  const taskId = await insertTask(database(), about, { claimedAt: minute(at - 1), status: "succeeded" });
  await insertTransfer(
    database(),
    { taskId, target: to.instanceId },
    { tag: "1.0", digest, status: "copied", startedAt: minute(at - 1), endedAt: minute(at), ...fields },
  );
}

const UNDER_WAY = { status: "running", endedAt: null } as const;
const behind = (source: string, target: string) =>
  sourceIsBehind(database(), { source: b, target: a, digests: { source, target } });

describe("a transfer that is under way", () => {
  test("counts from its start where it may have written: the source has what it brings", async () => {
    await transferred(there, D1, { at: 1 });
    await transferred(there, D2, { at: 2, ...UNDER_WAY });
    expect(await behind(D2, D3)).toBe(true);
    // It has not written yet, or its tag was written over: what ended last decides.
    expect(await behind(D1, D3)).toBe(true);
  });

  test("does not count before, nor for what the source does not have", async () => {
    await transferred(there, D1, { at: 1 });
    await transferred(there, D2, { at: 2, status: "pending", startedAt: null, endedAt: null });
    expect(await behind(D2, D3)).toBe(false);
    await transferred(there, D3, { at: 3, ...UNDER_WAY });
    expect(await behind(D2, D3)).toBe(false);
  });

  test("which asks has brought nothing so far", async () => {
    await transferred(back, D1, { at: 1, ...UNDER_WAY });
    expect(await behind(D1, D2)).toBe(false);
  });
});

describe("what ended last decides", () => {
  test("not what was found in place before the source was something else", async () => {
    await transferred(back, D1, { at: 1, status: "up-to-date" });
    expect(await behind(D1, D2)).toBe(true);
    await transferred(there, D2, { at: 2 });
    expect(await behind(D1, D2)).toBe(false);
  });

  test("nothing that was skipped, failed or stopped", async () => {
    for (const status of ["skipped", "failed", "stopped"] as const) {
      await transferred(there, D1, { at: 1, status });
    }
    expect(await behind(D1, D2)).toBe(false);
  });

  test("at the same place alone", async () => {
    await transferred(there, D1, { at: 1, targetRepository: "team/other" });
    await transferred(there, D1, { at: 1, repository: "team/other" });
    await transferred(there, D1, { at: 1, tag: "2.0" });
    expect(await behind(D1, D2)).toBe(false);
  });
});

test("asking costs each transfer of the tag that is kept some looks, and none of the others any", async () => {
  const kept = 60;
  for (let at = 1; at <= kept; at += 1) {
    await transferred(at % 2 === 0 ? there : back, D1, { at, status: at === 1 ? "copied" : "up-to-date" });
  }
  const taskId = await insertTask(database(), { ruleId: there, source: a.instanceId });
  await database().execute(sql`
    insert into transfers (id, task_id, rule_target_id, target_instance_id, repository, target_repository, tag, slice, digest,
      status, started_at, ended_at)
    select gen_random_uuid(), ${taskId}, gen_random_uuid(), ${b.instanceId}, 'team/app', 'team/app', 'tag-' || n, 0,
      'sha256:' || lpad(to_hex(n), 64, '0'), 'up-to-date', now(), now()
    from generate_series(1, 20000) n`);
  await database().execute(sql`analyze transfers`);
  const read = rowsRead(await plansOf(() => behind(D1, D2)), "transfers");
  expect(Object.keys(read)).not.toContain("Seq Scan");
  const rows = Object.values(read).reduce((sum, more) => sum + more, 0);
  process.stdout.write(`    ${rows} rows: ${JSON.stringify(read)}\n`);
  expect(rows).toBeLessThan(kept * 8);
});
