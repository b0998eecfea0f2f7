import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seal } from "../secrets.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { type OpenDatabase, openDatabase } from "./client.ts";
import { instanceConnection, instancePasswordPlace } from "./instance-connection.ts";
import { instances } from "./schema/instances.ts";

let database: TestDatabase;
let open: OpenDatabase;

beforeAll(async () => {
  process.env.SECRET_KEY = randomBytes(32).toString("hex");
  database = await testDatabase();
  open = openDatabase(database.url);
});

afterAll(async () => {
  await open.close();
  await database.drop();
});

async function insertInstance(password: string | null): Promise<string> {
  const id = uuidv7();
  await open.db.insert(instances).values({
    id,
    name: `instance ${id}`,
    address: "https://registry.example",
    vendor: "distribution",
    username: password === null ? null : "robot",
    passwordSealed: password === null ? null : seal(password, instancePasswordPlace(id)),
  });
  return id;
}

test("opens the password of its own row", async () => {
  const id = await insertInstance("canary-密码");
  expect(await instanceConnection(open.db, id)).toMatchObject({
    id,
    address: "https://registry.example",
    username: "robot",
    password: "canary-密码",
    plainHttp: false,
  });
  const [row] = await open.db.select().from(instances).where(eq(instances.id, id));
  expect(JSON.stringify(row)).not.toContain("canary");
});

test("an anonymous instance has none, an unknown one is null", async () => {
  expect(await instanceConnection(open.db, await insertInstance(null))).toMatchObject({
    username: null,
    password: null,
  });
  expect(await instanceConnection(open.db, uuidv7())).toBeNull();
});

test("two rows whose sealed passwords were swapped in the database open neither", async () => {
  const first = await insertInstance("one");
  const second = await insertInstance("two");
  const sealedOf = async (id: string) =>
    (await open.db.select().from(instances).where(eq(instances.id, id)))[0]?.passwordSealed ?? null;
  const [firstSealed, secondSealed] = [await sealedOf(first), await sealedOf(second)];
  await open.db.update(instances).set({ passwordSealed: secondSealed }).where(eq(instances.id, first));
  await open.db.update(instances).set({ passwordSealed: firstSealed }).where(eq(instances.id, second));
  await expect(instanceConnection(open.db, first)).rejects.toThrow(/changed, or stands in a place/);
  await expect(instanceConnection(open.db, second)).rejects.toThrow(/changed, or stands in a place/);
});
