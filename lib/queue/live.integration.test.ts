import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenDatabase, openDatabase } from "../db/client.ts";
import { liveEar } from "../db/live-ear.testing.ts";
import { insertInstance, insertRule, insertTask } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { announceDeletions, announceTask } from "./live.ts";

let testDb: TestDatabase;
let open: OpenDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  open = openDatabase(testDb.url);
});
afterAll(async () => {
  await open?.close();
  await testDb?.drop();
});

test("what is told names the two ends of its own rule: by them it is decided who hears", async () => {
  const { db } = open;
  const [source, target, foreign] = [
    await insertInstance(db),
    await insertInstance(db),
    await insertInstance(db),
  ];
  const { ruleId } = await insertRule(db, { source, target });
  await insertRule(db, { source: foreign, target: foreign, namespace: "theirs" });
  // It waits: until it starts, its targets are those of the rule.
  const taskId = await insertTask(db, { ruleId, source });
  const ear = await liveEar(testDb.url);
  try {
    await announceTask(db, taskId);
    await announceDeletions(db, ruleId);
    const ends = { ruleId, sourceInstanceId: source, targetInstanceIds: [target] };
    await expect
      .poll(() => ear.heard, { timeout: 10_000 })
      .toEqual([
        { kind: "task", taskId, ...ends },
        { kind: "deletion", ...ends },
      ]);
  } finally {
    await ear.close();
  }
});
