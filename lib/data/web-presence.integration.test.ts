import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase, database } from "../db/client.ts";
import { installation } from "../db/schema/installation.ts";
import { rules } from "../db/schema/rules.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { insertEventAddress } from "../testing/event-sender.ts";
import { seedInstance, seedRule } from "../testing/seed.ts";
import { noteHearing } from "./web-presence.ts";

let testDb: TestDatabase;
let telling: string;
let silent: string;

beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await database().insert(installation).values({ keyFingerprint: "test" });
});
beforeEach(async () => {
  await database().delete(rules);
  const target = await seedInstance(database());
  const source = await seedInstance(database());
  await insertEventAddress(database(), source, { dialect: "generic", token: "token" });
  telling = await seedRule(database(), { sourceInstanceId: source, targetInstanceIds: [target] });
  silent = await seedRule(database(), { sourceInstanceId: target, targetInstanceIds: [source] });
});
afterAll(async () => {
  await closeDatabase();
  await testDb?.drop();
});

const heard = (ago: string | null) =>
  database()
    .update(installation)
    .set({ heardAt: ago === null ? null : sql`now() - ${ago}::interval` });

async function comparedSoon(ruleId: string): Promise<boolean | undefined> {
  const [row] = await database()
    .select({ soon: sql<boolean>`${rules.reconcileDueAt} <= now() + interval '5 minutes'` })
    .from(rules)
    .where(eq(rules.id, ruleId));
  return row?.soon;
}

test.each([
  { when: "for the first time", ago: null, soon: false },
  { when: "a moment ago, by this process or another", ago: "20 seconds", soon: false },
  { when: "before an outage", ago: "2 minutes", soon: true },
])("events were last heard $when", async ({ ago, soon }) => {
  await heard(ago);
  await noteHearing();
  expect(await comparedSoon(telling)).toBe(soon);
  expect(await comparedSoon(silent)).toBe(false);
  const [row] = await database()
    .select({ fresh: sql<boolean>`heard_at > now() - interval '5 seconds'` })
    .from(installation);
  expect(row?.fresh).toBe(true);
});

test("of two processes that come back together one notices, and the other changes nothing", async () => {
  await heard("1 hour");
  await noteHearing();
  const due = async () =>
    (await database().select({ at: rules.reconcileDueAt }).from(rules).where(eq(rules.id, telling)))[0]?.at;
  const first = await due();
  await noteHearing();
  expect(await due()).toEqual(first);
});
