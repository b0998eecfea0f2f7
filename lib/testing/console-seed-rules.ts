import { rules, ruleTargets } from "../db/schema/rules.ts";
import { narrowingOf } from "../schemas/narrowing.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import type { Trigger } from "../schemas/task.ts";
import { DAY, HOUR, MINUTE, type Seed } from "./console-seed-base.ts";
import { RULES } from "./console-seed-rule-specs.ts";

/** Targets that are paused went quiet then. */
export const PAUSED_AGO = 2 * DAY;

export interface SeededRule {
  id: string;
  from: string;
  sourceInstanceId: string;
  /** As a task takes it that begins that long ago: targets that were paused by then are not in it. */
  snapshotAt(agoMs: number): RuleSnapshot;
  /** What its tasks were triggered by, a person now and then. */
  triggers: readonly Trigger[];
}

/** Rules whose instances are all there. @returns them by key */
export async function seedRules(
  seed: Seed,
  instanceIds: Readonly<Record<string, string>>,
  userIds: Readonly<Record<string, string>>,
): Promise<Record<string, SeededRule>> {
  const seeded: Record<string, SeededRule> = {};
  for (const [index, spec] of RULES.entries()) {
    const sourceInstanceId = instanceIds[spec.from];
    if (sourceInstanceId === undefined || spec.targets.some(({ to }) => instanceIds[to] === undefined)) {
      continue;
    }
    const agoMs = spec.key === "just-created" ? 5 * MINUTE : (60 - index) * DAY;
    const by = (index % 3 === 0 ? userIds.chenli : userIds.zhoumin) ?? null;
    const fields = {
      name: spec.name ?? spec.key,
      sourceInstanceId,
      sourceNamespace: spec.namespace,
      repositoryPattern: spec.repositoryPattern ?? "",
      tagPattern: spec.tagPattern ?? "",
      resourceType: spec.type,
      override: spec.override ?? false,
      version: 1 + (index % 4),
      ...narrowingOf(spec),
    };
    const id = seed.id(agoMs);
    await seed.db.insert(rules).values({
      id,
      ...fields,
      description: spec.description ?? "",
      enabled: !spec.disabled,
      onEvent: spec.onEvent ?? true,
      cron: spec.schedule?.cron ?? null,
      timeZone: spec.schedule?.timeZone ?? null,
      scheduleDueAt: spec.schedule ? seed.ago(-spec.schedule.dueInHours * HOUR) : null,
      verifyAfter: spec.verify?.after ?? null,
      verifyCron: spec.verify?.schedule.cron ?? null,
      verifyTimeZone: spec.verify?.schedule.timeZone ?? null,
      verifyDueAt: spec.verify ? seed.ago(-40 * HOUR) : null,
      verifyDeep: spec.verify?.schedule.deep ?? false,
      createdBy: by,
      updatedBy: by,
      createdAt: seed.ago(agoMs),
      updatedAt: seed.ago(agoMs / 2),
    });
    const targets = spec.targets.map(({ to, namespace = null, paused }) => ({
      row: {
        id: seed.id(agoMs),
        ruleId: id,
        instanceId: instanceIds[to] ?? "",
        namespace,
        setBy: by,
        pausedAt: paused ? seed.ago(PAUSED_AGO) : null,
        pausedReason: paused ? ("receive-lost" as const) : null,
      },
    }));
    await seed.db.insert(ruleTargets).values(targets.map(({ row }) => row));
    seeded[spec.key] = {
      id,
      from: spec.from,
      sourceInstanceId,
      triggers: [
        ...((spec.onEvent ?? true) ? (["event", "event"] as const) : []),
        ...(spec.schedule ? (["schedule", "schedule"] as const) : []),
        "manual",
      ],
      snapshotAt: (startedAgo) => ({
        ...fields,
        targets: targets
          .filter(({ row }) => row.pausedAt === null || startedAgo > PAUSED_AGO)
          .map(({ row }) => ({ ruleTargetId: row.id, instanceId: row.instanceId, namespace: row.namespace })),
      }),
    };
  }
  return seeded;
}
