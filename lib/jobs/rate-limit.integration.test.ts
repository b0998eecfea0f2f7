import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { database } from "../db/client.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import { pushContent } from "../testing/push-content.ts";
import type { Interception } from "../testing/registry/exchange.ts";
import { SyncWorld, smallImage } from "../testing/sync-world.ts";

// 限流等待: what a registry asks for is shown on the task, while it lists as while it copies, with until when and for whom.

let world: SyncWorld;
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
});
afterEach(() => world.clean());
afterAll(async () => {
  await closeBoss();
  await world?.close();
});

/** The wait is written within a second of its beginning; a busy machine has some more. */
const ASKED_S = 8;

/** The first request of a kind is refused, with what says for how long. */
function limitFirst(kind: RegExp, headers: Record<string, string>) {
  return ({ method, url, response, earlier }: Interception) => {
    if (method === "GET" && kind.test(url.pathname) && earlier === 0) {
      response.writeHead(429, headers).end();
      return "answered" as const;
    }
    return undefined;
  };
}

/** Runs the rule of a pair to its end. @returns what was seen of waiting on the way */
async function runLimited(intercept: ReturnType<typeof limitFirst>) {
  const { origin, ruleId, sourceId, namespace } = await world.pair({ intercept });
  const artifact = smallImage("limited");
  await pushContent(origin, `${namespace}/app`, "1", artifact);
  await world.worker();
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  const seen: { status: string; reason: string; instanceId: string | null; untilMs: number }[] = [];
  const task = await world.ended(taskId, {
    look: async (status) => {
      const { waitingUntil, waitingReason, waitingInstanceId } = await world.task(taskId);
      if (waitingUntil && waitingReason) {
        seen.push({
          ...{ status, reason: waitingReason, instanceId: waitingInstanceId },
          untilMs: Number(waitingUntil),
        });
      }
    },
  });
  expect(task).toMatchObject({ status: "succeeded", waitingUntil: null, transfersCopied: 1 });
  await world.expectPullable(`${namespace}/app`, "1", artifact);
  return { task, sourceId, seen };
}

test("while it scans: Retry-After of a listing", async () => {
  const { task, sourceId, seen } = await runLimited(
    limitFirst(/\/tags\/list$/, { "Retry-After": `${ASKED_S}` }),
  );
  const [first] = seen;
  expect(first).toMatchObject({ status: "scanning", reason: "rate-limit", instanceId: sourceId });
  expect(first?.untilMs).toBeGreaterThan(Number(task.claimedAt) + (ASKED_S - 1) * 1000);
});

test("while it copies: a window that is used up, and when it ends", async () => {
  const { sourceId, seen } = await runLimited(
    limitFirst(/\/blobs\//, { RateLimit: `"default";r=0;t=${ASKED_S}` }),
  );
  expect(seen.find(({ status }) => status === "running")).toMatchObject({
    ...{ reason: "rate-limit", instanceId: sourceId },
  });
});
