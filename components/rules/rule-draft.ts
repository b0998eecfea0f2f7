import type { FieldError } from "@/lib/schemas/action-state.ts";
import { DELETION_DELAY, DELETION_SHARE } from "@/lib/schemas/deletion-words.ts";
import { type PlatformMode, platformNames } from "@/lib/schemas/platform.ts";
import type { ResourceType, RuleRow } from "@/lib/schemas/rule.ts";
import type { VerifyDepth } from "@/lib/schemas/verify-words.ts";

/** What a person types for "no namespace", so that a blank can mean "the same as the source". */
export const ROOT = "/";

/** The rule form as it is on the screen: everything that can be typed is a string. */
export interface RuleDraft {
  name: string;
  description: string;
  sourceNamespace: string;
  repositoryPattern: string;
  tagPattern: string;
  excludeTagPattern: string;
  semverRange: string;
  /** Blank: all of them. */
  newestTags: string;
  resourceType: ResourceType;
  platforms: PlatformDraft;
  targets: TargetDraft[];
  override: boolean;
  referrers: boolean;
  onEvent: boolean;
  schedule: ScheduleDraft;
  deletion: DeletionDraft;
  verifyAfter: "none" | VerifyDepth;
  verifySchedule: VerifyScheduleDraft;
  backfill: boolean;
}

export interface PlatformDraft {
  mode: "all" | PlatformMode;
  /** As typed, `linux/amd64, linux/arm64`; stays while whole indexes are copied. */
  names: string;
}

export interface ScheduleDraft {
  on: boolean;
  /** What was typed stays while it is off. */
  cron: string;
  /** Blank until the first switching on: then the reader's own. */
  timeZone: string;
}

export interface VerifyScheduleDraft extends ScheduleDraft {
  deep: boolean;
}

export interface DeletionDraft {
  on: boolean;
  /** What was typed stays while it is off. */
  delayHours: string;
  share: string;
}

export interface TargetDraft {
  /** Of the line in the form, not of anything stored. */
  key: number;
  instanceId: string;
  /** Blank: the same as the source. */
  namespace: string;
}

export const EMPTY_DRAFT: RuleDraft = {
  name: "",
  description: "",
  sourceNamespace: "",
  repositoryPattern: "",
  tagPattern: "",
  excludeTagPattern: "",
  semverRange: "",
  newestTags: "",
  resourceType: "image",
  platforms: { mode: "all", names: "" },
  targets: [{ key: 0, instanceId: "", namespace: "" }],
  override: false,
  referrers: true,
  onEvent: true,
  schedule: { on: false, cron: "0 2 * * *", timeZone: "" },
  deletion: { on: false, delayHours: String(DELETION_DELAY.usual), share: String(DELETION_SHARE.usual) },
  verifyAfter: "none",
  verifySchedule: { on: false, cron: "0 3 * * 0", timeZone: "", deep: false },
  backfill: true,
};

const shown = (namespace: string): string => (namespace === "" ? ROOT : namespace);
const stored = (namespace: string): string => (namespace.trim() === ROOT ? "" : namespace.trim());

export function draftOf(rule: RuleRow): RuleDraft {
  return {
    name: rule.name,
    description: rule.description,
    sourceNamespace: shown(rule.sourceNamespace),
    repositoryPattern: rule.repositoryPattern,
    tagPattern: rule.tagPattern,
    excludeTagPattern: rule.excludeTagPattern,
    semverRange: rule.semverRange,
    newestTags: rule.newestTags === null ? "" : String(rule.newestTags),
    resourceType: rule.resourceType,
    platforms: rule.platforms
      ? { mode: rule.platforms.mode, names: rule.platforms.names.join(", ") }
      : EMPTY_DRAFT.platforms,
    targets: rule.targets.map((target, key) => ({
      key,
      instanceId: target.instance.id,
      namespace: target.namespace === null ? "" : shown(target.namespace),
    })),
    override: rule.override,
    referrers: rule.referrers,
    onEvent: rule.onEvent,
    schedule: rule.schedule
      ? { on: true, cron: rule.schedule.cron, timeZone: rule.schedule.timeZone }
      : EMPTY_DRAFT.schedule,
    deletion: rule.deletion
      ? { on: true, delayHours: String(rule.deletion.delayHours), share: String(rule.deletion.share) }
      : EMPTY_DRAFT.deletion,
    verifyAfter: rule.verify.after ?? "none",
    verifySchedule: verifyDraft(rule.verify.schedule),
    backfill: false,
  };
}

function verifyDraft(schedule: RuleRow["verify"]["schedule"]): VerifyScheduleDraft {
  if (!schedule) {
    return EMPTY_DRAFT.verifySchedule;
  }
  const { cron, timeZone, deep } = schedule;
  return { on: true, cron, timeZone, deep };
}

/** What is no whole number is none, and refused as such. */
const numberOf = (text: string): number | string => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : text);

/** What the actions take. A source namespace left blank stays out: it is required, and `/` is the root. */
export function inputOf(draft: RuleDraft) {
  const {
    backfill: _,
    targets,
    sourceNamespace,
    schedule,
    deletion,
    newestTags,
    platforms,
    verifyAfter,
    verifySchedule: { on: verifies, ...verifySchedule },
    ...fields
  } = draft;
  return {
    ...fields,
    name: draft.name.trim(),
    newestTags: newestTags.trim() === "" ? null : numberOf(newestTags),
    platforms:
      platforms.mode === "all" ? null : { mode: platforms.mode, names: platformNames(platforms.names) },
    schedule: schedule.on ? { cron: schedule.cron, timeZone: schedule.timeZone } : null,
    deletion: deletion.on
      ? { delayHours: numberOf(deletion.delayHours), share: numberOf(deletion.share) }
      : null,
    verify: {
      after: verifyAfter === "none" ? null : verifyAfter,
      schedule: verifies ? verifySchedule : null,
    },
    sourceNamespace: sourceNamespace.trim() === "" ? undefined : stored(sourceNamespace),
    targets: targets.map(({ instanceId, namespace }) => ({
      instanceId,
      namespace: namespace.trim() === "" ? null : stored(namespace),
    })),
  };
}

export type FieldErrors = Readonly<Record<string, FieldError>>;

/** What is missing, told without the schema: before anything was typed a draft is blank, or a stored rule and right. */
export function blanksOf({ sourceNamespace, targets }: RuleDraft): FieldErrors {
  const missing = targets.flatMap(({ instanceId }, index) =>
    instanceId === "" ? [`targets.${index}.instanceId`] : [],
  );
  return Object.fromEntries(
    [...(sourceNamespace.trim() === "" ? ["sourceNamespace"] : []), ...missing].map((path) => [
      path,
      { key: "required" },
    ]),
  );
}

/** `30 2 * * * Asia/Shanghai`; blank when it is off. */
export function scheduleText({ on, cron, timeZone }: ScheduleDraft): string {
  return on ? `${cron.trim()} ${timeZone}` : "";
}

/** `0 3 * * 0 Asia/Shanghai deep`; blank when it is off. */
export function verifyText(schedule: VerifyScheduleDraft): string {
  return schedule.on ? `${scheduleText(schedule)}${schedule.deep ? " deep" : ""}` : "";
}

/** `24 h, 10 %`; blank when it is off. */
export function deletionText({ on, delayHours, share }: DeletionDraft): string {
  return on ? `${delayHours.trim()} h, ${share.trim()} %` : "";
}

/** `sparse: linux/amd64, linux/arm64`; blank where whole indexes are copied. */
export function platformText({ mode, names }: PlatformDraft): string {
  return mode === "all" ? "" : `${mode}: ${platformNames(names).join(", ")}`;
}

/** Which fields of two drafts differ, in the order of the form. */
export function differingFields(mine: RuleDraft, theirs: RuleDraft): (keyof RuleDraft)[] {
  const comparable = (draft: RuleDraft) => ({
    ...draft,
    targets: JSON.stringify(draft.targets.map(({ instanceId, namespace }) => [instanceId, namespace])),
    schedule: scheduleText(draft.schedule),
    deletion: deletionText(draft.deletion),
    verifySchedule: verifyText(draft.verifySchedule),
    platforms: platformText(draft.platforms),
  });
  const [a, b] = [comparable(mine), comparable(theirs)];
  return (Object.keys(EMPTY_DRAFT) as (keyof RuleDraft)[]).filter(
    (field) => field !== "backfill" && a[field] !== b[field],
  );
}
