import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { database } from "../db/client.ts";
import { placedTags } from "../db/schema/deletions.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { closeBoss, prepareQueues } from "../queue/boss.ts";
import { startTask } from "../queue/start-task.ts";
import type { ResourceType } from "../schemas/rule.ts";
import { WHOLE_RULE } from "../schemas/task.ts";
import {
  type ChartMuseumOptions,
  startChartMuseum,
  type TestChartMuseum,
} from "../testing/chart-museum/chart-museum.ts";
import { manifestOf, skopeoPull } from "../testing/clients.ts";
import { HELM, packagedChart } from "../testing/helm-chart.ts";
import { pushContent } from "../testing/push-content.ts";
import { seedRule } from "../testing/seed.ts";
import { type Pair, SyncWorld, smallImage } from "../testing/sync-world.ts";

// Instances with a second address, through the queue and a worker process.

/** For a machine that does ten other things. */
const TASK_MS = 110_000;
vi.setConfig({ testTimeout: 3 * TASK_MS });

const web = packagedChart({ name: "web", version: "1.0.0" });

let world: SyncWorld;
const museums: TestChartMuseum[] = [];
beforeAll(async () => {
  world = await SyncWorld.open(prepareQueues);
  // One for all tests: to start a process is what takes longest where many run.
  await world.worker();
});
afterEach(() => setCharts(world.targetId, null));
afterAll(async () => {
  await closeBoss();
  await world?.close();
  await Promise.all(museums.map((museum) => museum.stop()));
});

async function museumOf(options: ChartMuseumOptions = {}): Promise<TestChartMuseum> {
  const museum = await startChartMuseum(options);
  museums.push(museum);
  return museum;
}

/** A changed instance gets a new client, as after an edit. */
async function setCharts(instanceId: string, chartsAddress: string | null): Promise<void> {
  const [row] = await database().select().from(instances).where(eq(instances.id, instanceId));
  await database()
    .update(instances)
    .set({ chartsAddress, version: (row?.version ?? 0) + 1 })
    .where(eq(instances.id, instanceId));
}

/** A source with an image in its registry and a chart in its museum. */
async function source(options: ChartMuseumOptions = {}): Promise<{ pair: Pair; museum: TestChartMuseum }> {
  const [pair, museum] = await Promise.all([world.pair(), museumOf(options)]);
  await pushContent(pair.origin, `${pair.namespace}/app`, "1.0", smallImage("app"));
  await museum.store.putChart(pair.namespace, web, false);
  await setCharts(pair.sourceId, museum.address);
  return { pair, museum };
}

async function run(ruleId: string) {
  const { taskId } = await database().transaction((tx) =>
    startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
  );
  const task = await world.ended(taskId, { timeoutMs: TASK_MS });
  const transfers = await world.transfers(taskId);
  return {
    task,
    rows: transfers.map(({ repository, tag, store, status }) => [repository, tag, store, status]),
  };
}

describe("a source with a chart repository", () => {
  test("into a registry alone: the chart becomes an OCI chart, and is in place the second time", async () => {
    const { pair } = await source();
    const first = await run(pair.ruleId);
    expect(first.task).toMatchObject({ status: "succeeded", repositories: 2, transfersCopied: 2 });
    expect(first.rows).toEqual([
      [`${pair.namespace}/app`, "1.0", null, "copied"],
      [`${pair.namespace}/web`, "1.0.0", "charts", "copied"],
    ]);
    const { json } = await manifestOf(world.client, `${pair.namespace}/web`, "1.0.0");
    expect(json).toMatchObject({ config: { mediaType: HELM.config }, layers: [{ size: web.length }] });
    expect(await skopeoPull(world.client, `${pair.namespace}/app`, "1.0")).not.toEqual([]);
    const second = await run(pair.ruleId);
    expect(second.task).toMatchObject({ status: "succeeded", transfersCopied: 0, transfersUpToDate: 2 });
  });

  test("into a target with one: the archive as it is; its deletion is followed by nobody", async () => {
    const { pair } = await source();
    const museum = await museumOf();
    await setCharts(world.targetId, museum.address);
    await database().update(rules).set({ followDeletions: true }).where(eq(rules.id, pair.ruleId));
    expect((await run(pair.ruleId)).task).toMatchObject({ status: "succeeded", transfersCopied: 2 });
    expect(await museum.store.file(pair.namespace, "web-1.0.0.tgz")).toEqual(web);
    const remembered = await database()
      .select({ repository: placedTags.repository })
      .from(placedTags)
      .where(eq(placedTags.ruleId, pair.ruleId));
    expect(remembered).toEqual([{ repository: `${pair.namespace}/app` }]);
    expect((await run(pair.ruleId)).task).toMatchObject({ status: "succeeded", transfersUpToDate: 2 });
  });

  test.each([
    ["image", ["app"]],
    ["chart", ["web"]],
  ] as [ResourceType, string[]][])("a rule of type %s brings %j", async (resourceType, names) => {
    const { pair } = await source();
    await database().update(rules).set({ resourceType }).where(eq(rules.id, pair.ruleId));
    const { rows } = await run(pair.ruleId);
    expect(rows.map(([repository]) => repository)).toEqual(names.map((name) => `${pair.namespace}/${name}`));
  });

  test("that refuses us: images are copied all the same, and the task says whose fault the rest is", async () => {
    const { pair } = await source({ account: { username: "somebody", password: "else" } });
    const { task, rows } = await run(pair.ruleId);
    expect(rows).toEqual([[`${pair.namespace}/app`, "1.0", null, "copied"]]);
    expect(task).toMatchObject({
      status: "partial",
      failure: { code: "UNAUTHORIZED", side: "source", httpStatus: 401 },
    });
  });

  test("without an index for the namespace: there are no charts, and nothing is wrong", async () => {
    const { pair, museum } = await source({ contextPath: "/charts" });
    await setCharts(pair.sourceId, `${museum.origin}/nothing/here`);
    expect((await run(pair.ruleId)).task).toMatchObject({
      status: "succeeded",
      transfersTotal: 1,
      failure: null,
    });
  });
});

test("one source, two targets: each gets charts where it keeps them", async () => {
  const { pair } = await source();
  const museum = await museumOf();
  const other = await world.pair();
  await setCharts(other.sourceId, museum.address);
  const ruleId = await seedRule(database(), {
    sourceInstanceId: pair.sourceId,
    targetInstanceIds: [world.targetId, other.sourceId],
    sourceNamespace: pair.namespace,
  });
  expect((await run(ruleId)).task).toMatchObject({ status: "succeeded", transfersCopied: 4 });
  expect(await museum.store.file(pair.namespace, "web-1.0.0.tgz")).toEqual(web);
  await expect(manifestOf(world.client, `${pair.namespace}/web`, "1.0.0")).resolves.toMatchObject({});
});
