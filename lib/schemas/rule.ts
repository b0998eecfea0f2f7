import { z } from "zod";
import type { CronWords } from "./cron.ts";
import { RuleDeletion } from "./deletion.ts";
import { hasNoControl } from "./instance.ts";
import type { Narrowing } from "./narrowing.ts";
import { Namespace, Pattern, RuleName, RuleTargetInput, ScheduleInput, VerifyInput } from "./rule-fields.ts";
import { ruleSelection } from "./rule-selection.ts";
import type { InstanceName, Instant, LastTask, TargetStatus } from "./task.ts";
import { type RuleVerification, type RuleVerify, VERIFY_DEPTHS } from "./verify-words.ts";
import {
  type HealthStatus,
  RESOURCE_TYPES,
  type ResourceType,
  RULE_COLUMNS,
  RULE_SORTS,
  RULE_STATES,
  type RuleTrigger,
} from "./words.ts";

// biome-ignore lint/performance/noBarrelFile: the words of a noun are found beside its schema, and the browser skips the schema
export { RESOURCE_TYPES, type ResourceType, RULE_SORTS } from "./words.ts";

const ruleFields = {
  name: RuleName,
  description: z
    .string()
    .trim()
    .max(256, "too-long-256")
    .refine(hasNoControl, "control-characters")
    .default(""),
  sourceNamespace: Namespace,
  repositoryPattern: Pattern,
  tagPattern: Pattern,
  ...ruleSelection,
  resourceType: z.enum(RESOURCE_TYPES, { error: "resource-type-unknown" }),
  override: z.boolean().default(false),
  /** 随附签名、证明与SBOM */
  referrers: z.boolean().default(true),
  /** 有推送即同步 */
  onEvent: z.boolean().default(true),
  schedule: ScheduleInput.nullable().default(null),
  /** 跟随删除; null: what is deleted at the source stays at the targets. */
  deletion: RuleDeletion.nullable().default(null),
  verify: VerifyInput.prefault({}),
  targets: z.array(RuleTargetInput).min(1, "target-required").max(20, "too-many-targets"),
};

export const CreateRuleInput = z.object({
  ...ruleFields,
  sourceInstanceId: z.uuid(),
  /** 创建后立即全量同步 */
  backfill: z.boolean().default(true),
});
export type CreateRuleInput = z.infer<typeof CreateRuleInput>;

/** `version` is the one the form was opened with: a concurrent edit answers CONFLICT and loses nothing. */
export const UpdateRuleInput = z.object({
  ...ruleFields,
  ruleId: z.uuid(),
  version: z.number().int().positive(),
});
export type UpdateRuleInput = z.infer<typeof UpdateRuleInput>;

export const RuleIdInput = z.object({ ruleId: z.uuid() });
/** 校验: a task that proves everything of the rule. */
export const VerifyRuleInput = z.object({
  ruleId: z.uuid(),
  depth: z.enum(VERIFY_DEPTHS, { error: "verify-depth-unknown" }),
});
export const SetRuleEnabledInput = z.object({ ruleId: z.uuid(), enabled: z.boolean() });
export const DeleteRuleInput = z.object({ ruleId: z.uuid(), confirmName: z.string() });

/** URL state of /rules. `view`: outgoing rules of the instance, or rules that point at it. */
export const RuleListQuery = z.object({
  instance: z.uuid().optional().catch(undefined),
  view: z.enum(["rules", "tasks", "incoming"]).catch("rules"),
  q: z.string().trim().max(128).optional().catch(undefined),
  state: z.enum(RULE_STATES).optional().catch(undefined),
  target: z.uuid().optional().catch(undefined),
  type: z.enum(RESOURCE_TYPES).optional().catch(undefined),
  sort: z.enum(RULE_SORTS).catch("name"),
  /** Columns that are shown beside name and actions, `place,created`; left out: the usual ones. */
  columns: z
    .string()
    .max(128)
    .transform(
      (text) => RULE_COLUMNS.filter((column) => text.split(",").includes(column)).join(",") || "none",
    )
    .optional()
    .catch(undefined),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    // Rows of two lines with much in them: 50 of these make a page slow.
    .catch(20),
});
export type RuleListQuery = z.infer<typeof RuleListQuery>;

export interface RuleTargetRow {
  id: string;
  instance: InstanceName;
  /** Of the instance; unknown to whoever may not view it. */
  health: HealthStatus;
  namespace: string | null;
  setBy: string | null;
  /** Set when the user who set it lost receive at the target: tasks leave it out (已暂停). */
  paused: { at: Instant; reason: "receive-lost" } | null;
}

/** When a rule runs by itself. */
export interface RuleSchedule {
  cron: string;
  /** What people say of the expression; read on the server, so that no list carries the reader. */
  said: CronWords;
  timeZone: string;
  /** Since when it should have run and nobody fired it; null: all is well, or the rule is off. */
  missedSince: Instant | null;
}

/** When a rule is verified by itself. */
type VerifySchedule = NonNullable<RuleVerify["schedule"]> & Pick<RuleSchedule, "said">;

/** A rule as a list shows it: a list has many, and each byte of a row goes to the browser twice, as text and as data. */
export interface RuleListRow extends Narrowing {
  id: string;
  name: string;
  description: string;
  sourceInstance: InstanceName;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  resourceType: ResourceType;
  override: boolean;
  enabled: boolean;
  schedule: RuleSchedule | null;
  /** What starts its tasks beside a person; by hand where nothing else does. */
  triggers: RuleTrigger[];
  targets: RuleTargetRow[];
  lastTask: LastTask | null;
  /** Ended tasks of the last 30 days, today last. */
  days: DayOutcome[];
  createdAt: Instant;
  /** What the viewer may do with it; the page never guesses. */
  may: { operate: boolean; manage: boolean; viewSource: boolean };
}

export interface RuleRow extends RuleListRow {
  referrers: boolean;
  onEvent: boolean;
  /** null: it does not follow deletions. */
  deletion: RuleDeletion | null;
  verify: { after: RuleVerify["after"]; schedule: VerifySchedule | null };
  /** Since when it should have been verified by schedule and nobody began; null: all is well, or the rule is off. */
  verifyMissedSince: Instant | null;
  /** What its last verification as a whole came to; null: there was none. */
  verified: (RuleVerification & { at: Instant }) | null;
  version: number;
  updatedAt: Instant;
  updatedBy: string | null;
}

/** What the page of a rule shows beside its row. */
export interface RuleDetail extends RuleRow {
  totals: RuleTotals;
  /** In the order of `targets`. */
  targetStates: TargetState[];
}

/** Where one target of a rule stands. */
export interface TargetState {
  targetId: string;
  /** How the last task that ended did here; null before the first. */
  result: {
    taskId: string;
    /** Null once retention has removed the task. */
    number: number | null;
    status: TargetStatus;
    endedAt: Instant;
    failed: number;
    stopped: number;
  } | null;
  succeededAt: Instant | null;
  /** The tag that is known to be at the source and not here for the longest time; null: nothing is missing. */
  missing: MissingTag | null;
}

export interface MissingTag {
  repository: string;
  tag: string;
  /** Since when its content is known at the source: the lag of the target is its age. */
  since: Instant;
  /** Where to read more: the transfer that was to bring it, else the task; neither while its event waits to be read. */
  transferId: string | null;
  taskId: string | null;
  /** Other tags that are missing because a transfer failed, was stopped or waits for another try; at most MORE_MISSING. */
  more: number;
}

/** Beyond this many a page says “more than”. */
export const MORE_MISSING = 1_000;

/** Of the tasks of the last 30 days, however they ended. */
export interface RuleTotals {
  tasks: number;
  bytesCopied: number;
  /** What the target had already, or took from another of its repositories. */
  bytesReused: number;
}

export interface DayOutcome {
  /** Calendar day in UTC, `2026-11-24`. */
  day: string;
  succeeded: number;
  partial: number;
  failed: number;
}

/**
 * The rule as it was when a task started; a running task never sees a later edit. What a former version took lacks what that
 * did not know.
 */
export interface RuleSnapshot extends Partial<Narrowing> {
  name: string;
  version: number;
  sourceInstanceId: string;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  resourceType: ResourceType;
  /** It once copied parts of indexes: an index that stands at a target proves nothing of its parts. */
  partsBefore?: boolean;
  override: boolean;
  /** Left out by versions that knew no such switch: they come along. */
  referrers?: boolean | undefined;
  targets: { ruleTargetId: string; instanceId: string; namespace: string | null }[];
}
