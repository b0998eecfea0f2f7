import { eq } from "drizzle-orm";
import { instances } from "../db/schema/instances.ts";
import { tasks } from "../db/schema/tasks.ts";
import { inBatches, SECOND, type Seed } from "./console-seed-base.ts";
import { historyOf } from "./console-seed-history.ts";
import type { SeededRule } from "./console-seed-rules.ts";
import { seedJoins, seedSamples } from "./console-seed-samples.ts";
import { TASKS, type TaskSpec } from "./console-seed-task-specs.ts";
import { countersOf, insertTransfers, planTransfers } from "./console-seed-transfers.ts";
import { provenRows, provenTask, seedVerified } from "./console-seed-verified.ts";

type TaskRow = typeof tasks.$inferInsert;

interface Known {
  rules: Readonly<Record<string, SeededRule>>;
  userIds: Readonly<Record<string, string>>;
  instanceIds: Readonly<Record<string, string>>;
}

export interface SeededTasks {
  tasks: Record<string, string>;
  transfers: Record<string, string>;
}

/** Tasks of rules that are there, and 30 days before them. @returns ids as console-seed.ts has them */
export async function seedTasks(seed: Seed, known: Known): Promise<SeededTasks> {
  const special = TASKS.filter(({ rule }) => known.rules[rule]);
  const ids = Object.fromEntries(special.map(({ key, agoMs }) => [key, seed.id(agoMs)]));
  const planned = special.map((spec) => planTask(seed, spec, { ...known, ids }));
  const history = Object.entries(known.rules).flatMap(([key, rule]) =>
    historyOf(seed, key, rule, known.userIds.chenli ?? null),
  );
  await insertNumbered(seed, [...planned.map(({ row }) => row), ...history]);
  const transfers: Record<string, string> = {};
  for (const { spec, row, transferRows } of planned) {
    for (const { id, status } of transferRows) {
      transfers[`${spec.key}:${status}`] ??= id;
    }
    await insertTransfers(seed, transferRows);
    await seedJoins(seed, row, { count: spec.joins ?? 0, userId: known.userIds.chenli ?? null });
    await seedSamples(seed, row, transferRows);
    await seedVerified(seed, row);
  }
  return { tasks: ids, transfers };
}

/** Numbers go up with time, as `startTask` gives them out. */
async function insertNumbered(seed: Seed, rows: TaskRow[]): Promise<void> {
  const counters = new Map<string, number>();
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    row.number = (counters.get(row.sourceInstanceId) ?? 0) + 1;
    counters.set(row.sourceInstanceId, row.number);
  }
  await inBatches(rows, (some) => seed.db.insert(tasks).values(some));
  for (const [instanceId, taskCounter] of counters) {
    await seed.db.update(instances).set({ taskCounter }).where(eq(instances.id, instanceId));
  }
}

type WithIds = Known & { ids: Readonly<Record<string, string>> };

function planTask(seed: Seed, spec: TaskSpec, known: WithIds) {
  const rule = known.rules[spec.rule] as SeededRule;
  const taskId = known.ids[spec.key] ?? "";
  const pending = spec.status === "pending";
  const place = {
    taskId,
    rule,
    startedAgo: spec.agoMs - 10 * SECOND,
    endedAgo: spec.durationMs === undefined ? 0 : endOf(spec),
  };
  const transferRows = provenRows(planTransfers(seed, place, spec.mix ?? {}), spec.verify);
  const row: TaskRow = {
    id: taskId,
    number: 0,
    ruleId: rule.id,
    sourceInstanceId: rule.sourceInstanceId,
    trigger: spec.trigger ?? "manual",
    triggeredBy: known.userIds[spec.by ?? ""] ?? null,
    scope: { kind: "rule" },
    rule: pending ? null : rule.snapshotAt(spec.agoMs),
    retryOf: known.ids[spec.retryOf ?? ""] ?? null,
    status: spec.status,
    failure: spec.failure ?? null,
    closestName: spec.closestName ?? null,
    repositoriesScanned: spec.scanned?.repositories ?? (pending || spec.failure ? 0 : 24),
    tagsScanned: spec.scanned?.tags ?? (pending || spec.failure ? 0 : 612),
    ...timesOf(seed, spec),
    ...stopOf(seed, spec, known),
    ...waitingOf(seed, spec, known),
    ...countersOf(transferRows),
    ...provenTask(transferRows, spec.verify),
  };
  return { spec, row, transferRows };
}

const endOf = ({ agoMs, durationMs = 0 }: TaskSpec) => agoMs - durationMs;

function timesOf(seed: Seed, spec: TaskSpec) {
  const { status, agoMs } = spec;
  const pending = status === "pending";
  const open = pending || status === "running" || status === "scanning";
  const scanned = !pending && status !== "scanning" && !spec.failure;
  return {
    createdAt: seed.ago(agoMs),
    claimedAt: pending ? null : seed.ago(agoMs - 400),
    scanEndedAt: scanned ? seed.ago(Math.max(open ? 0 : endOf(spec), agoMs - 9 * SECOND)) : null,
    endedAt: open ? null : seed.ago(endOf(spec)),
    updatedAt: seed.ago(open ? SECOND : endOf(spec)),
  };
}

function stopOf(seed: Seed, spec: TaskSpec, { userIds }: WithIds) {
  const by = spec.stopRequested ? "zhoumin" : (spec.stoppedBy ?? "");
  return {
    stopRequestedAt: by === "" ? null : seed.ago(spec.stopRequested ? 4 * SECOND : endOf(spec) + 2 * SECOND),
    stoppedBy: userIds[by] ?? null,
  };
}

function waitingOf(seed: Seed, { waiting }: TaskSpec, { instanceIds }: WithIds) {
  return waiting
    ? {
        waitingUntil: new Date(seed.now + waiting.inMs),
        waitingReason: waiting.reason,
        waitingInstanceId: instanceIds[waiting.at] ?? null,
      }
    : {};
}
