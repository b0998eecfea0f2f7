import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor, Held } from "../auth/actor.ts";
import { closeDatabase, database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { INSTANCE_CHOICES } from "../schemas/words.ts";
import { insertInstance } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { searchInstanceOptions } from "./instance-options.ts";

/** More than a choice draws. */
const MANY = 60;

let testDb: TestDatabase;
let last: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  await database()
    .insert(instances)
    .values(
      Array.from({ length: MANY }, (_, n) => ({
        id: uuidv7(),
        name: `registry-${String(n).padStart(3, "0")}`,
        address: `https://r${n}.example.com`,
        region: n % 2 === 0 ? "华东" : "Europe",
        vendor: "distribution" as const,
      })),
    );
  last = await insertInstance(database(), {
    name: "zürich_1",
    address: "https://zrh.example.com",
    region: "Europe",
    healthStatus: "slow",
  });
});
afterAll(async () => {
  await closeDatabase();
  await testDb.drop();
});

const actor = (view: Held, receive: Held = view) =>
  ({ permission: "instance:list", view, operate: [], manage: [], receive }) as unknown as Actor;
const names = async (q: string, who = actor("all")) =>
  (await searchInstanceOptions(who, q)).map(({ name }) => name);

test("a choice is given the first fifty by name, and what a text finds wherever it lies", async () => {
  const first = await names("");
  expect(first).toHaveLength(INSTANCE_CHOICES);
  expect(first[0]).toBe("registry-000");
  expect(first).not.toContain("zürich_1");
  expect(await names("ZÜR")).toEqual(["zürich_1"]);
  expect(await names("zrh.example")).toEqual(["zürich_1"]);
  expect(await names("registry-059")).toEqual(["registry-059"]);
  expect((await names("华东")).length).toBe(MANY / 2);
});

test("characters that a pattern would take for any other are themselves", async () => {
  expect(await names("_")).toEqual(["zürich_1"]);
  expect(await names("%")).toEqual([]);
  expect(await names("\\")).toEqual([]);
});

test("of an instance that one may only receive at, neither address nor region is found or told", async () => {
  const receiver = actor([], [last]);
  expect(await names("", receiver)).toEqual(["zürich_1"]);
  expect(await names("zrh.example", receiver)).toEqual([]);
  expect(await names("Europe", receiver)).toEqual([]);
  const [option] = await searchInstanceOptions(receiver, "zür");
  expect(option).toMatchObject({ host: "", region: "", health: "unknown" });
});
