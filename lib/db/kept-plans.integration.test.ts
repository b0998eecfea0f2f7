import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { greetingPooler } from "../testing/pooler.ts";
import { type Database, type OpenDatabase, openDatabase } from "./client.ts";

let testDb: TestDatabase;

beforeAll(async () => {
  testDb = await testDatabase();
});

afterAll(async () => {
  await testDb.drop();
});

/** One connection that keeps plans, to the test's database unless another `url` leads there. */
async function withOne<T>(
  run: (one: OpenDatabase) => Promise<T>,
  { url = testDb.url, keepsPlans = true } = {},
): Promise<T> {
  const one = openDatabase(url, { applicationName: "kept-plans", max: 1, keepsPlans });
  try {
    return await run(one);
  } finally {
    await one.close();
  }
}

async function keptBy(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ statement: string }>(
    sql`select statement from pg_prepared_statements order by name`,
  );
  return rows.map(({ statement }) => statement);
}

async function times<T>(n: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let index = 0; index < n; index++) {
    answers.push(await run(index));
  }
  return answers;
}

const doubled = (db: Pick<Database, "execute">, n: number) =>
  db.execute<{ n: number }>(sql`select ${n}::int * 2 as n`).then(({ rows }) => rows[0]?.n);

describe("keepPlans", () => {
  test("plans once what a connection sends a third time, in a transaction or not", () =>
    withOne(async ({ db }) => {
      expect(await times(2, (n) => doubled(db, n))).toEqual([0, 2]);
      expect(await keptBy(db)).toEqual([]);
      expect(await times(3, (n) => doubled(db, n))).toEqual([0, 2, 4]);
      expect(await db.transaction((tx) => doubled(tx, 21))).toBe(42);
      expect(await keptBy(db)).toEqual(["select $1::int * 2 as n"]);
    }));

  test("keeps nothing unless it is asked to, nor behind a pooler", async () => {
    await withOne(
      async ({ db }) => {
        await times(4, (n) => doubled(db, n));
        expect(await keptBy(db)).toEqual([]);
      },
      { keepsPlans: false },
    );
    const url = new URL(testDb.url);
    const pooler = await greetingPooler(Number(url.port || 5432));
    url.host = `127.0.0.1:${pooler.port}`;
    try {
      await withOne(
        async ({ db }) => {
          expect(await times(4, (n) => doubled(db, n))).toEqual([0, 2, 4, 6]);
          expect(await keptBy(db)).toEqual([]);
        },
        { url: url.href },
      );
    } finally {
      await pooler.close();
    }
  });

  test("keeps so many plans and no more, and none of a long text or without values", () =>
    withOne(async ({ db }) => {
      const long = sql.raw(`/* ${"long ".repeat(2_000)} */`);
      await times(3, () => db.execute(sql`select ${1}::int as n ${long}`));
      await times(3, () => db.execute(sql`select 1 as n`));
      expect(await keptBy(db)).toEqual([]);
      for (let kind = 0; kind < 120; kind++) {
        await times(3, (n) => db.execute(sql`select ${n}::int as ${sql.identifier(`n${kind}`)}`));
      }
      expect(await keptBy(db)).toHaveLength(100);
    }));

  test("what never comes again is not remembered, and does not keep out what does", () =>
    withOne(async ({ db }) => {
      for (let kind = 0; kind < 210; kind++) {
        await db.execute(sql`select ${kind}::int as ${sql.identifier(`once${kind}`)}`);
      }
      expect(await times(3, (n) => doubled(db, n))).toEqual([0, 2, 4]);
      expect(await keptBy(db)).toEqual(["select $1::int * 2 as n"]);
    }));

  test("an error of a statement is its own, and its plan is kept", () =>
    withOne(async ({ db }) => {
      const inverse = (n: number) => db.transaction((tx) => tx.execute(sql`select 1 / ${n}::int as n`));
      await times(3, () => inverse(1));
      await expect(inverse(0)).rejects.toMatchObject({ cause: { code: "22012" } });
      expect((await inverse(1)).rows).toEqual([{ n: 1 }]);
      expect(await keptBy(db)).toHaveLength(1);
    }));
});

describe("a schema that changes", () => {
  /** A table, a statement that is kept, and what changes the kind of its column from elsewhere. */
  async function withTable(
    name: string,
    run: (db: Database, read: (db: Pick<Database, "execute">) => Promise<unknown>) => Promise<void>,
  ): Promise<void> {
    await withOne(async ({ db }) => {
      const table = sql.identifier(name);
      await db.execute(sql`create table ${table} as select 7 as n`);
      const read = async (by: Pick<Database, "execute">) =>
        (await by.execute(sql`select n from ${table} where ${1}::int = 1`)).rows;
      await times(9, () => read(db));
      expect(await keptBy(db)).toHaveLength(1);
      await withOne(({ db: other }) => other.execute(sql`alter table ${table} alter n type text`));
      await run(db, read);
    });
  }

  test("a statement whose columns are others now is planned anew, and goes on without a name", () =>
    withTable("changed", async (db, read) => {
      expect(await times(4, () => read(db))).toEqual(Array(4).fill([{ n: "7" }]));
    }));

  test("so is one that compares with what is of another type now", () =>
    withOne(async ({ db }) => {
      await db.execute(sql`create table compared as select 7 as n`);
      const read = async () =>
        (await db.execute(sql`select 1 as n from compared where n::text = ${"7"} or n = ${7}`)).rows;
      await times(9, read);
      expect(await keptBy(db)).toHaveLength(1);
      await withOne(({ db: other }) => other.execute(sql`alter table compared alter n type text`));
      expect(await times(2, read)).toEqual(Array(2).fill([{ n: 1 }]));
    }));

  test("in a transaction it fails once", () =>
    withTable("changed_within", async (db, read) => {
      await expect(db.transaction((tx) => read(tx))).rejects.toMatchObject({ cause: { code: "0A000" } });
      expect(await db.transaction((tx) => read(tx))).toEqual([{ n: "7" }]);
    }));

  test("a session that has forgotten its plans is served", () =>
    withOne(async ({ db }) => {
      await times(3, (n) => doubled(db, n));
      await db.execute(sql`deallocate all`);
      expect(await doubled(db, 4)).toBe(8);
      expect(await doubled(db, 5)).toBe(10);
    }));
});
