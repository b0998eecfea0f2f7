import type { tasks } from "../db/schema/tasks.ts";
import { DAY, HOUR, MIB, MINUTE, type Seed } from "./console-seed-base.ts";
import { FAILURES } from "./console-seed-failures.ts";
import { PAUSED_AGO, type SeededRule } from "./console-seed-rules.ts";

type TaskRow = typeof tasks.$inferInsert;
type Status = NonNullable<TaskRow["status"]>;

interface Habit {
  perDay: number;
  /** It has rested since; by default for ten hours. */
  restedMs?: number;
  /** How a task of this many days ago ended. */
  status: (seed: Seed, daysAgo: number) => Status;
}

const mostly =
  (status: Status, other: Status, share: number): Habit["status"] =>
  (seed) =>
    seed.random() < share ? status : other;

/** Each rule has a past of its own; what is not named here has none. */
const HABITS: Readonly<Record<string, Habit>> = {
  "trade-to-singapore": { perDay: 6, status: mostly("succeeded", "partial", 0.94) },
  "charts-to-frankfurt": { perDay: 1, status: () => "succeeded" },
  "base-everywhere": {
    perDay: 2,
    status: (seed, days) => (days < 9 ? (seed.random() < 0.6 ? "partial" : "failed") : "succeeded"),
  },
  "nightly-to-hangzhou": { perDay: 1, status: (_, days) => (days < 4 ? "nothing-matched" : "succeeded") },
  "payments-prod": {
    perDay: 3,
    status: (seed, days) => (days < 2 || seed.random() < 0.05 ? "failed" : "succeeded"),
  },
  "risk-models": { perDay: 0.3, status: mostly("succeeded", "stopped", 0.8) },
  longest: { perDay: 1, status: mostly("succeeded", "stopped", 0.7) },
  "hub-mirror": { perDay: 1, status: mostly("succeeded", "partial", 0.5) },
  everything: { perDay: 1, status: () => "succeeded" },
  "ml-datasets": { perDay: 0.5, status: () => "succeeded" },
  "hangzhou-to-shanghai": { perDay: 2, status: mostly("succeeded", "failed", 0.9) },
  "singapore-to-jakarta": { perDay: 1, status: (_, days) => (days < 1 ? "failed" : "succeeded") },
  "partners-jakarta": { perDay: 1, restedMs: PAUSED_AGO + HOUR, status: () => "succeeded" },
  "frankfurt-to-london": { perDay: 1, status: () => "failed" },
};

const DAYS = 30;

/**
 * The tasks of a rule's last 30 days, without their transfers: a list shows them, nobody opens them.
 * @param by who triggered those that a person did
 */
export function historyOf(seed: Seed, key: string, rule: SeededRule, by: string | null): TaskRow[] {
  const habit = HABITS[key];
  if (!habit) {
    return [];
  }
  return Array.from({ length: Math.round(DAYS * habit.perDay) }, (_, index) => {
    const agoMs = (habit.restedMs ?? 10 * HOUR) + (index / habit.perDay) * DAY + seed.random() * 40 * MINUTE;
    return taskOf(seed, { rule, by, agoMs, status: habit.status(seed, agoMs / DAY), index });
  });
}

interface Past {
  rule: SeededRule;
  by: string | null;
  agoMs: number;
  status: Status;
  index: number;
}

function taskOf(seed: Seed, { rule, by, agoMs, status, index }: Past): TaskRow {
  const scanFailed = status === "failed" && index % 2 === 0;
  const total = scanFailed || status === "nothing-matched" ? 0 : seed.between(3, 140);
  const failed = status === "failed" ? total : status === "partial" ? Math.ceil(total * 0.1) : 0;
  const stopped = status === "stopped" ? Math.ceil(total * 0.6) : 0;
  const copied = Math.floor((total - failed - stopped) * 0.4);
  // A scan that was refused or found nothing is over soon.
  const durationMs = seed.between(4, total === 0 ? 30 : 900) * 1000;
  const trigger = rule.triggers[index % rule.triggers.length] ?? "manual";
  const bytes = copied * seed.between(20, 300) * MIB;
  return {
    id: seed.id(agoMs),
    number: 0,
    ruleId: rule.id,
    sourceInstanceId: rule.sourceInstanceId,
    trigger,
    triggeredBy: trigger === "manual" ? by : null,
    scope: { kind: "rule" },
    rule: rule.snapshotAt(agoMs),
    status,
    createdAt: seed.ago(agoMs),
    claimedAt: seed.ago(agoMs - 500),
    scanEndedAt: scanFailed ? null : seed.ago(agoMs - 3000),
    endedAt: seed.ago(agoMs - durationMs),
    updatedAt: seed.ago(agoMs - durationMs),
    failure: scanFailed ? FAILURES.source : null,
    repositoriesScanned: scanFailed ? 0 : 24,
    tagsScanned: scanFailed ? 0 : 612,
    repositories: Math.min(total, seed.between(3, 14)),
    transfersTotal: total,
    transfersCopied: copied,
    transfersUpToDate: total - failed - stopped - copied,
    transfersFailed: failed,
    transfersStopped: stopped,
    bytesTotal: bytes * 2,
    bytesCopied: bytes,
    bytesSkipped: bytes,
  };
}
