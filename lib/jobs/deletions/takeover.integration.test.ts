import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../../db/client.ts";
import { deletions } from "../../db/schema/deletions.ts";
import { rules, ruleTargets } from "../../db/schema/rules.ts";
import { closeBoss, prepareQueues } from "../../queue/boss.ts";
import { startTask } from "../../queue/start-task.ts";
import { WHOLE_RULE } from "../../schemas/task.ts";
import { pushContent } from "../../testing/push-content.ts";
import { temporaryRegistry } from "../../testing/registry/temporary-registry.ts";
import { seedInstance } from "../../testing/seed.ts";
import { SyncWorld, smallImage } from "../../testing/sync-world.ts";

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(async () => {
  await world.clean();
});
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

async function sync(ruleId: string) {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  return world.ended(taskId);
}

const state = (ruleId: string) => async () => {
  const [row] = await database().select().from(deletions).where(eq(deletions.ruleId, ruleId));
  return row?.state;
};

const dueNow = (ruleId: string) =>
  database()
    .update(deletions)
    .set({ dueAt: sql`now() - interval '1 second'` })
    .where(eq(deletions.ruleId, ruleId));

/** A followed rule that has copied two tags, of which one is gone at the source and pending. */
async function pending(origin: string, { ruleId, namespace }: { ruleId: string; namespace: string }) {
  await database().update(rules).set({ followDeletions: true }).where(eq(rules.id, ruleId));
  const app = `${namespace}/app`;
  await pushContent(origin, app, "1.0", smallImage("one"));
  await pushContent(origin, app, "2.0", smallImage("two"));
  await sync(ruleId);
  await fetch(`${origin}/v2/${app}/manifests/1.0`, { method: "DELETE" });
  await sync(ruleId);
  await expect.poll(state(ruleId), { timeout: 20_000 }).toBe("pending");
  return app;
}

const head = async (origin: string, app: string, tag: string) =>
  (await fetch(`${origin}/v2/${app}/manifests/${tag}`, { method: "HEAD", headers: { accept: "*/*" } }))
    .status;

test("a worker deletes at a real docker-registry what is due, and nothing else", async () => {
  const pair = await world.pair({ override: true });
  await world.worker();
  const app = await pending(pair.origin, pair);
  await dueNow(pair.ruleId);
  await expect.poll(state(pair.ruleId), { timeout: 20_000 }).toBe("deleted");
  expect(await head(world.target.origin, app, "1.0")).toBe(404);
  await world.expectPullable(app, "2.0", smallImage("two"));
});

test.each([
  { name: "before the request to delete arrived", reaches: false },
  { name: "after it was carried out, before the answer", reaches: true },
])(
  "killed $name, another worker ends it: deleted once, and noted so",
  { timeout: 90_000 },
  async ({ reaches }) => {
    const pair = await world.pair({ override: true });
    let caught: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      caught = resolve;
    });
    let inner = "";
    const target = await temporaryRegistry({
      intercept: async ({ method, url, request, earlier }) => {
        if (method !== "DELETE" || earlier > 0 || request.headers["x-inner"]) {
          return undefined;
        }
        if (reaches) {
          await fetch(`${inner}${url.pathname}`, { method: "DELETE", headers: { "x-inner": "1" } });
        }
        caught?.();
        return "answered";
      },
    });
    inner = target.origin;
    try {
      const targetId = await seedInstance(database(), target.origin);
      await database()
        .update(ruleTargets)
        .set({ instanceId: targetId })
        .where(eq(ruleTargets.ruleId, pair.ruleId));
      const first = await world.worker();
      const app = await pending(pair.origin, pair);
      await dueNow(pair.ruleId);
      await arrived;
      await first.end();
      expect(await state(pair.ruleId)()).toBe("pending");
      await world.worker();
      await expect.poll(state(pair.ruleId), { timeout: 40_000 }).toBe("deleted");
      expect(await head(target.origin, app, "1.0")).toBe(404);
      expect(await head(target.origin, app, "2.0")).toBe(200);
      const [row] = await database().select().from(deletions).where(eq(deletions.ruleId, pair.ruleId));
      expect(row?.manifest?.byteLength).toBeGreaterThan(0);
    } finally {
      await target.stop();
    }
  },
);
