import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { tcpProxy } from "../testing/tcp-proxy.ts";
import { openDatabase } from "./client.ts";

let testDb: TestDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
});
afterAll(() => testDb.drop());

test("waiting for a turn is no outage: whoever comes when every connection is taken is served later", async () => {
  const open = openDatabase(testDb.url, { max: 1 });
  try {
    const holder = open.db.transaction(() => sleep(6_000));
    const waited = await open.db.execute<{ one: number }>(sql`select 1 as one`);
    expect(waited.rows).toEqual([{ one: 1 }]);
    await holder;
  } finally {
    await open.close();
  }
});

test("a server that does not answer is no turn to wait for: connecting ends first", async () => {
  const url = new URL(testDb.url);
  const proxy = await tcpProxy(Number(url.port || 5432));
  proxy.stall();
  url.host = `127.0.0.1:${proxy.port}`;
  const open = openDatabase(url.href, { max: 1 });
  try {
    const turn = sleep(19_000).then(() => "as long as for a turn");
    await expect(Promise.race([open.db.execute(sql`select 1`), turn])).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/timeout/i) },
    });
  } finally {
    await open.close();
    await proxy.close();
  }
});
