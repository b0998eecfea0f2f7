import { Client } from "pg";
import { expect, test } from "vitest";
import { testDatabase } from "./database.ts";

async function rows(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as unknown[];
  } finally {
    await client.end();
  }
}

test("each database is fresh, migrated and its own", async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    await rows(one.url, "insert into sign_in_failures (key) values ('account:a')");
    expect(await rows(one.url, "select key from sign_in_failures")).toEqual([{ key: "account:a" }]);
    expect(await rows(two.url, "select key from sign_in_failures")).toEqual([]);
  } finally {
    await Promise.all([one.drop(), two.drop()]);
  }
  await expect(rows(one.url, "select 1")).rejects.toThrow(/does not exist/);
});

test("without TEST_DATABASE_URL it fails, and says what to do", async () => {
  const url = process.env.TEST_DATABASE_URL;
  delete process.env.TEST_DATABASE_URL;
  try {
    await expect(testDatabase()).rejects.toThrow(/npm test/);
  } finally {
    process.env.TEST_DATABASE_URL = url;
  }
});
