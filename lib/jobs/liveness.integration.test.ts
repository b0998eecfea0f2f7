import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { holdLiveness, type Liveness } from "./liveness.ts";

let testDb: TestDatabase;
let client: Client;
let liveness: Liveness | undefined;

beforeAll(async () => {
  testDb = await testDatabase();
  client = new Client({ connectionString: testDb.url });
  await client.connect();
});
afterAll(async () => {
  await liveness?.close();
  await client.end();
  await testDb.drop();
});

const keys = async () =>
  (await client.query<{ lock_key: string }>("select lock_key from workers")).rows.map((row) => row.lock_key);

test("a living worker that was taken for dead is there again, under another lock", async () => {
  liveness = await holdLiveness(testDb.url, 4);
  const [before] = await keys();
  expect(before).toBeDefined();
  await client.query("delete from workers");
  await expect.poll(keys, { timeout: 60_000 }).toHaveLength(1);
  expect(await keys()).not.toContain(before);
  expect(liveness.alive()).toBe(true);
});
