import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ConfigError } from "../config.ts";
import { prepareQueues } from "../queue/boss.ts";
import { sealedBox } from "../secrets.ts";
import { insertInstance } from "../testing/console-rows.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { startWorkerProcess } from "../testing/worker-process.ts";
import { type OpenDatabase, openDatabase } from "./client.ts";
import { keyFingerprint, requireInstallationKey, shownFingerprint } from "./key-fingerprint.ts";
import { installation } from "./schema/installation.ts";
import { instances } from "./schema/instances.ts";

const KEY = Buffer.alloc(32, 0x5e);
const OTHER = Buffer.alloc(32, 0x77);

let testDb: TestDatabase;
let open: OpenDatabase;
beforeAll(async () => {
  testDb = await testDatabase();
  await prepareQueues(testDb.url);
  open = openDatabase(testDb.url);
});
beforeEach(async () => {
  await open.db.delete(installation);
  await open.db.delete(instances);
});
afterAll(async () => {
  await open?.close();
  await testDb?.drop();
});

test("the first key is the installation's; another is refused with what to do, and with neither key", async () => {
  await requireInstallationKey(open.db, KEY);
  await requireInstallationKey(open.db, KEY);
  const refused = await requireInstallationKey(open.db, OTHER).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConfigError);
  const { message } = refused as ConfigError;
  expect(message).toContain(shownFingerprint(keyFingerprint(KEY)));
  expect(message).toContain("SECRET_KEY_FILE");
  expect(message).not.toContain(OTHER.toString("hex"));
  const rows = await open.db.select().from(installation);
  expect(rows).toMatchObject([{ id: 1, keyFingerprint: keyFingerprint(KEY) }]);
  expect(JSON.stringify(rows)).not.toContain(KEY.toString("hex"));
});

test("of several that start at once with different keys one decides", async () => {
  const keys = Array.from({ length: 6 }, (_, n) => Buffer.alloc(32, n + 1));
  const results = await Promise.allSettled(keys.map((key) => requireInstallationKey(open.db, key)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await open.db.select().from(installation)).toHaveLength(1);
});

test("a database from before this was kept belongs to the key that sealed its credentials", async () => {
  await insertInstance(open.db, { passwordSealed: sealedBox(KEY).seal("p", "place") });
  await expect(requireInstallationKey(open.db, OTHER)).rejects.toThrow("sealed with another key");
  expect(await open.db.select().from(installation)).toEqual([]);
  await requireInstallationKey(open.db, KEY);
});

describe("a worker process", () => {
  const env = (key: Buffer) => ({ DATABASE_URL: testDb.url, SECRET_KEY: key.toString("hex") });

  test("with another key does not start, and says why", async () => {
    await requireInstallationKey(open.db, KEY);
    const failed = await startWorkerProcess(env(OTHER)).catch((error: unknown) => error);
    expect(String(failed)).toContain("the worker ended at once");
    expect(String(failed)).toContain("Wrong secret key");
    expect(String(failed)).not.toContain(OTHER.toString("hex"));
  });

  test("with the right one starts, and is seen", async () => {
    await requireInstallationKey(open.db, KEY);
    const worker = await startWorkerProcess(env(KEY));
    try {
      const read = async () =>
        (
          await open.pool.query<{ concurrency: number; fresh: boolean; later: boolean }>(
            "select concurrency, seen_at > now() - interval '5 s' as fresh, seen_at > started_at as later from workers",
          )
        ).rows[0];
      await expect.poll(read, { timeout: 60_000 }).toEqual({ concurrency: 4, fresh: true, later: true });
    } finally {
      await worker.end();
    }
  });
});
