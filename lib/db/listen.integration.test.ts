import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { LIVE_CHANNEL, LiveEvent } from "../schemas/live.ts";
import { type TestDatabase, testDatabase } from "../testing/database.ts";
import { tcpProxy } from "../testing/tcp-proxy.ts";
import { type OpenDatabase, openDatabase } from "./client.ts";
import { type Listener, listen } from "./listen.ts";
import { notifyLive } from "./notify.ts";

let database: TestDatabase;
let open: OpenDatabase;
let listener: Listener | undefined;

beforeAll(async () => {
  database = await testDatabase();
  open = openDatabase(database.url);
});

afterEach(async () => {
  await listener?.close();
});

afterAll(async () => {
  await open.close();
  await database.drop();
});

const INSTANCE_ID = "0199f1d4-0000-7000-8000-000000000001";
const event: LiveEvent = { kind: "instance", instanceId: INSTANCE_ID };

function collect(url = database.url) {
  const heard: LiveEvent[] = [];
  const counts = { resyncs: 0 };
  listener = listen({
    url,
    channels: [LIVE_CHANNEL],
    onNotification: (_, payload) => heard.push(LiveEvent.parse(JSON.parse(payload))),
    onResync: () => {
      counts.resyncs++;
    },
  });
  return { heard, counts, listener };
}

async function terminateListeners(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lockstep-listen'",
  );
  await client.end();
}

describe("listen", () => {
  test("hears what is committed, not what is rolled back", async () => {
    const { heard, counts, listener } = collect();
    await listener.ready;
    await open.db
      .transaction(async (tx) => {
        await notifyLive(tx, { kind: "instance", instanceId: "0199f1d4-0000-7000-8000-00000000000f" });
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    await open.db.transaction((tx) => notifyLive(tx, event));
    await vi.waitFor(() => expect(heard).toEqual([event]), { timeout: 30_000 });
    expect(counts.resyncs).toBe(0);
  });

  test("the longest event fits a notification", async () => {
    const { heard, listener } = collect();
    await listener.ready;
    const longest: LiveEvent = {
      kind: "task",
      taskId: INSTANCE_ID,
      ruleId: INSTANCE_ID,
      sourceInstanceId: INSTANCE_ID,
      targetInstanceIds: Array.from({ length: 100 }, () => INSTANCE_ID),
    };
    await notifyLive(open.db, longest);
    await vi.waitFor(() => expect(heard).toEqual([longest]), { timeout: 30_000 });
  });

  test("comes back after its connection was ended, says that events may be lost, and hears again", async () => {
    const { heard, counts, listener } = collect();
    await listener.ready;
    await terminateListeners();
    await vi.waitFor(() => expect(counts.resyncs).toBe(1), { timeout: 15_000 });
    await notifyLive(open.db, event);
    await vi.waitFor(() => expect(heard).toEqual([event]), { timeout: 30_000 });
  });

  test("notices a server that fell silent, and is back soon after it returns", async () => {
    const url = new URL(database.url);
    const proxy = await tcpProxy(Number(url.port || 5432));
    url.host = `127.0.0.1:${proxy.port}`;
    try {
      const { heard, counts, listener } = collect(url.href);
      await listener.ready;
      proxy.stall();
      await new Promise((later) => setTimeout(later, 20_000));
      expect(counts.resyncs).toBe(0);
      proxy.resume();
      await vi.waitFor(() => expect(counts.resyncs).toBe(1), { timeout: 15_000 });
      await notifyLive(open.db, event);
      await vi.waitFor(() => expect(heard).toEqual([event]), { timeout: 30_000 });
    } finally {
      await listener?.close();
      await proxy.close();
    }
  });

  test("waits for a database that is not there yet, and can be closed meanwhile", async () => {
    const { listener } = collect("postgres://nobody@127.0.0.1:1/none");
    await new Promise((later) => setTimeout(later, 600));
    await listener.close();
  });
});
