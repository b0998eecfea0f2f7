import { sql } from "drizzle-orm";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type TcpProxy, tcpProxy } from "../testing/tcp-proxy.ts";
import { openDatabase } from "./client.ts";
import { migrateDatabase } from "./migrate.ts";

/** The server's own bound for a statement is longer: it is silence that was noticed. */
const NOTICED_WITHIN_MS = 18_000;

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** Ends connections from the server's side, as a restart of Postgres does. */
async function terminate(applicationName: string): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
    applicationName,
  ]);
  await client.end();
}

describe("openDatabase", () => {
  test("its statements are bounded, and its transactions cannot idle for ever", async () => {
    const { db, close } = openDatabase(database.url, { applicationName: "bounds" });
    const { rows } = await db.execute(
      sql`select name, setting::int as setting from pg_settings where name in
        ('statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
    );
    expect(rows).toEqual([
      { name: "idle_in_transaction_session_timeout", setting: 30_000 },
      { name: "statement_timeout", setting: 20_000 },
    ]);
    await close();
  });

  test("lives on when idle connections are ended", async () => {
    const { db, pool, close } = openDatabase(database.url, { applicationName: "idle" });
    await Promise.all([db.execute(sql`select 1`), db.execute(sql`select 1`), db.execute(sql`select 1`)]);
    expect(pool.totalCount).toBe(3);
    await terminate("idle");
    // A statement sent before the news arrives may fail; none does afterwards.
    await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: 30_000 });
    for (let round = 0; round < 5; round++) {
      expect((await db.execute(sql`select 1 as n`)).rows).toEqual([{ n: 1 }]);
    }
    await close();
  });

  test("lives on when a connection is ended between two statements of a transaction", async () => {
    const { db, close } = openDatabase(database.url, { applicationName: "between" });
    const lost = db.transaction(async (tx) => {
      await tx.execute(sql`select 1`);
      await terminate("between");
      await new Promise((later) => setTimeout(later, 200));
      await tx.execute(sql`select 2`);
    });
    await expect(lost).rejects.toThrow();
    expect((await db.execute(sql`select 3 as n`)).rows).toEqual([{ n: 3 }]);
    await close();
  });

  test("has all of its places again after connections broke at any moment, `begin` included", async () => {
    const url = new URL(database.url);
    const proxy: TcpProxy = await tcpProxy(Number(url.port || 5432));
    url.host = `127.0.0.1:${proxy.port}`;
    const { db, pool, close } = openDatabase(url.href, { applicationName: "places", max: 2 });
    try {
      for (let round = 0; round < 4; round++) {
        await Promise.all([1, 2].map(() => db.transaction((tx) => tx.execute(sql`select pg_sleep(0.02)`))));
        proxy.stall();
        const lost = [1, 2].map(() => db.transaction((tx) => tx.execute(sql`select 1`)));
        await new Promise((later) => setTimeout(later, 20));
        proxy.cut();
        proxy.resume();
        const ends = await Promise.allSettled(lost);
        expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
      }
      await vi.waitFor(
        async () => {
          const both = [1, 2].map((n) =>
            db.transaction((tx) => tx.execute(sql`select ${n}::int as n, pg_sleep(0.1)::text`)),
          );
          expect((await Promise.all(both)).map(({ rows }) => rows[0]?.n)).toEqual([1, 2]);
        },
        { timeout: 30_000 },
      );
      expect(pool.totalCount).toBe(2);
      expect(pool.idleCount).toBe(2);
    } finally {
      await close();
      await proxy.close();
    }
  });

  test("a server that falls silent is noticed, and no connection from before is used again", async () => {
    const url = new URL(database.url);
    const proxy: TcpProxy = await tcpProxy(Number(url.port || 5432));
    url.host = `127.0.0.1:${proxy.port}`;
    const { db, pool, close } = openDatabase(url.href, { applicationName: "silent", max: 4 });
    try {
      await Promise.all([1, 2, 3, 4].map(() => db.execute(sql`select pg_sleep(0.2)`)));
      const startedAt = performance.now();
      const inTransaction = db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        proxy.stall();
        await tx.execute(sql`select 2`);
      });
      await expect(inTransaction).rejects.toThrow();
      expect(performance.now() - startedAt).toBeLessThan(NOTICED_WITHIN_MS);
      await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: 30_000 });
      proxy.resume();
      const answers = await Promise.all([3, 4, 5, 6].map((n) => db.execute(sql`select ${n}::int as n`)));
      expect(answers.map(({ rows }) => rows)).toEqual([[{ n: 3 }], [{ n: 4 }], [{ n: 5 }], [{ n: 6 }]]);
    } finally {
      await close();
      await proxy.close();
    }
  });

  test("a statement that is only slow is waited for", async () => {
    const { db, close } = openDatabase(database.url, { applicationName: "slow", max: 2 });
    expect((await db.execute(sql`select 7 as n, pg_sleep(7)::text`)).rows[0]).toMatchObject({ n: 7 });
    expect(
      (await db.transaction((tx) => tx.execute(sql`select 8 as n, pg_sleep(4)::text`))).rows[0],
    ).toMatchObject({
      n: 8,
    });
    await close();
  });
});

test("processes that migrate at the same time take turns", async () => {
  const fresh = await testDatabase();
  try {
    const client = new Client({ connectionString: fresh.url });
    await client.connect();
    await client.query("drop schema public cascade; drop schema drizzle cascade; create schema public");
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        migrateDatabase(fresh.url, async () => {
          inside++;
          most = Math.max(most, inside);
          await new Promise((later) => setTimeout(later, 50));
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
    const { rows } = await client.query(
      "select count(*)::int as n from information_schema.tables where table_name = 'rules'",
    );
    expect(rows).toEqual([{ n: 1 }]);
    await client.end();
  } finally {
    await fresh.drop();
  }
});
