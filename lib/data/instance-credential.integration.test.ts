import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Actor } from "../auth/actor.ts";
import type { Permission } from "../auth/permissions.ts";
import { closeDatabase, database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { insertUser } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { createInstance, updateInstance } from "./instance-changes.ts";

let testDb: TestDatabase;
let userId: string;
beforeAll(async () => {
  testDb = await testDatabase();
  process.env.DATABASE_URL = testDb.url;
  process.env.SECRET_KEY = "5e".repeat(32);
  await prepareQueues(testDb.url);
  userId = await insertUser(database(), { role: "root" });
});
afterAll(async () => {
  await closeBoss();
  await closeDatabase();
  await testDb?.drop();
});

/** An actor as lib/auth would make it; only a test may. */
function root<P extends Permission>(permission: P): Actor<P> {
  return {
    permission,
    user: { id: userId, username: "root", role: "root" },
    holds: "all",
    view: "all",
    operate: "all",
    manage: "all",
    receive: "all",
    submission: null,
    request: { id: "test", ip: null },
  } as unknown as Actor<P>;
}

const fields = {
  region: "",
  address: "https://registry.example.com",
  vendor: "generic",
  plainHttp: false,
} as const;
const rowOf = async (id: string) =>
  (await database().select().from(instances).where(eq(instances.id, id)))[0] as typeof instances.$inferSelect;

test("the age of a credential counts from when it was typed in, and from nothing else", async () => {
  const { instanceId } = await createInstance(root("instance:create"), {
    ...fields,
    name: "aged",
    username: "robot",
    password: "secret",
  });
  const first = await rowOf(instanceId);
  expect(Date.now() - Number(first.credentialSetAt)).toBeLessThan(60_000);

  const longAgo = new Date("2026-01-01T00:00:00Z");
  await database().update(instances).set({ credentialSetAt: longAgo });
  const update = async (change: object) => {
    const { version } = await rowOf(instanceId);
    await updateInstance(root("instance:edit"), {
      ...fields,
      instanceId,
      version,
      name: "aged",
      username: "robot",
      password: "",
      ...change,
    });
    return (await rowOf(instanceId)).credentialSetAt;
  };
  expect(await update({ region: "elsewhere" })).toEqual(longAgo);
  expect(Number(await update({ password: "another" }))).toBeGreaterThan(Number(longAgo));
  await database().update(instances).set({ credentialSetAt: longAgo });
  expect(Number(await update({ username: "other" }))).toBeGreaterThan(Number(longAgo));
  expect(await update({ username: undefined })).toBeNull();
});

test("without a credential there is no age; one from before it was kept stays unknown until it is replaced", async () => {
  const { instanceId } = await createInstance(root("instance:create"), { ...fields, name: "anonymous" });
  expect((await rowOf(instanceId)).credentialSetAt).toBeNull();
});

test("an edit that reaches elsewhere makes what was seen of it unknown: health, capabilities, and the check is due", async () => {
  const { instanceId } = await createInstance(root("instance:create"), { ...fields, name: "moved" });
  await database()
    .update(instances)
    .set({
      healthStatus: "healthy",
      healthDueAt: new Date(Date.now() + 60_000),
      capabilities: {
        probedAt: new Date().toISOString(),
        ...{ software: "Harbor", list: true, referrers: true, delete: null, chunk: null },
      },
    })
    .where(eq(instances.id, instanceId));
  const save = async (change: object) =>
    updateInstance(root("instance:edit"), {
      ...fields,
      instanceId,
      version: (await rowOf(instanceId)).version,
      name: "moved",
      ...change,
    });
  await save({ region: "north" });
  expect(await rowOf(instanceId)).toMatchObject({
    healthStatus: "healthy",
    capabilities: { software: "Harbor" },
  });
  await save({ address: "https://elsewhere.example.com" });
  expect(await rowOf(instanceId)).toMatchObject({
    healthStatus: "unknown",
    healthDueAt: null,
    capabilities: null,
  });
});

test("a stored password is not taken to a chart repository at another origin: it is typed again", async () => {
  const credential = { username: "robot", password: "secret" };
  const { instanceId } = await createInstance(root("instance:create"), {
    ...fields,
    ...credential,
    name: "charts",
  });
  const save = async (chartsAddress: string | undefined, change: object = {}) =>
    updateInstance(root("instance:edit"), {
      ...fields,
      ...credential,
      ...{ password: "", name: "charts", instanceId, chartsAddress },
      version: (await rowOf(instanceId)).version,
      ...change,
    });
  const needed = { code: "INVALID", fields: { password: "password-needed-again" } };
  // The registry's own origin has it already.
  await save("https://registry.example.com/chartrepo");
  await expect(save("https://charts.example.com")).rejects.toMatchObject(needed);
  await expect(save("https://registry.example.com:8443")).rejects.toMatchObject(needed);
  expect((await rowOf(instanceId)).chartsAddress).toBe("https://registry.example.com/chartrepo");
  await save("https://charts.example.com", { password: "secret" });
  await save("https://charts.example.com/moved");
  await expect(save("https://other.example.com")).rejects.toMatchObject(needed);
  await save(undefined);
  expect((await rowOf(instanceId)).chartsAddress).toBeNull();
  // What it was shown once it is not shown again without being typed: nobody remembers where it went before.
  await expect(save("https://charts.example.com")).rejects.toMatchObject(needed);
});
