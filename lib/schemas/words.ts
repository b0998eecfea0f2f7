/**
 * The closed sets of words, free of zod: the browser gets them without the schemas, whose files pass them on
 * (`npm run budgets -- --only js` notices when a page carries more).
 */

export const VENDORS = ["distribution", "generic"] as const;
export type Vendor = (typeof VENDORS)[number];

/** A choice of an instance draws so many; who types finds the others. */
export const INSTANCE_CHOICES = 50;
/** Instances that the matrix of grants shows at once: with twenty rows of four slots each a page has some thousand elements. */
export const MATRIX_COLUMNS = 8;

export const HEALTH_STATUSES = ["unknown", "healthy", "slow", "unreachable"] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** How the list of instances may be ordered; `-`: the other way round. */
export const INSTANCE_SORTS = ["name", "-name", "health", "-health", "credential", "-credential"] as const;
export type InstanceSort = (typeof INSTANCE_SORTS)[number];

/** How long what passes is kept; housekeeping removes it, the settings page says so. */
export const RETENTION_DAYS = {
  instanceChecks: 30,
  taskSamples: 30,
  signInFailures: 1,
  events: 14,
  scheduleRuns: 30,
  notices: 14,
  /** Of what was deleted, kept or put back at a target; what can be undone stays until then in any case. */
  deletions: 180,
} as const;

/** A credential older than this should be replaced. */
export const CREDENTIAL_OLD_DAYS = 90;

/** manage ⊃ operate ⊃ view; receive is independent. */
export const GRANT_LEVELS = ["view", "operate", "manage"] as const;
export type GrantLevel = (typeof GRANT_LEVELS)[number];

export const GRANTS = ["view", "operate", "manage", "receive"] as const;
export type Grant = (typeof GRANTS)[number];

/** Task statuses, in the order a task can pass through them. See ARCHITECTURE.md, "States". */
export const TASK_STATUSES = [
  "pending",
  "scanning",
  "running",
  "succeeded",
  "partial",
  "failed",
  "stopped",
  "nothing-matched",
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const ACTIVE_TASK_STATUSES = ["scanning", "running"] as const satisfies readonly TaskStatus[];

export const OPEN_TASK_STATUSES = ["pending", "scanning", "running"] as const satisfies readonly TaskStatus[];

export const TRANSFER_STATUSES = [
  "pending",
  "running",
  "copied",
  "up-to-date",
  "skipped",
  "failed",
  "stopped",
] as const;
export type TransferStatus = (typeof TRANSFER_STATUSES)[number];

/**
 * What starts a task. `reconcile`: the whole rule is compared now and then, in case an event was lost. `verify`: everything of it
 * is proven, by hand or by a schedule of its own.
 */
export const TRIGGERS = ["manual", "event", "schedule", "reconcile", "verify"] as const;
export type Trigger = (typeof TRIGGERS)[number];
/** What a rule can be set to: reconciling comes with its events, and verifying is no way of copying. */
export type RuleTrigger = Exclude<Trigger, "reconcile" | "verify">;

/** The two ends of a copy. */
export const SIDES = ["source", "target"] as const;
export type Side = (typeof SIDES)[number];

export const RESOURCE_TYPES = ["image", "chart", "all"] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** What the chips of a list of rules stand for. */
export const RULE_STATES = ["active", "failed", "partial", "nothing-matched", "disabled"] as const;

/** Columns of a list of rules that can be hidden, in the order of the table. */
export const RULE_COLUMNS = [
  "place",
  "selection",
  "trigger",
  "created",
  "lastTask",
  "success",
  "enabled",
] as const;
export type RuleColumn = (typeof RULE_COLUMNS)[number];
/** Everything but the time of creation, which few ask for. */
export const USUAL_COLUMNS: readonly RuleColumn[] = RULE_COLUMNS.filter((column) => column !== "created");

/** Rules that one bulk action takes at most. */
export const BULK_LIMIT = 1_000;

export const RULE_SORTS = ["name", "-name", "created", "-created", "lastTask", "-lastTask"] as const;

export const USER_ROLES = ["root", "sub-account"] as const;
export type UserRole = (typeof USER_ROLES)[number];

export const AUDIT_OUTCOMES = ["ok", "denied", "invalid"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** The languages of the console, the default first. Each is a folder of `messages/`. */
export const LOCALES = ["zh-CN", "en"] as const;
export type Locale = (typeof LOCALES)[number];

/** What a preview says of a tag at one target. */
export const PREVIEW_VERDICTS = [
  "copy",
  "complete",
  "up-to-date",
  "overwrite",
  "behind",
  "exists",
  "platform-absent",
  "unknown",
] as const;
export type PreviewVerdict = (typeof PREVIEW_VERDICTS)[number];

/** Whose way of telling pushes an event address understands. Each is a file of lib/events/dialects. */
export const DIALECTS = [
  "harbor",
  "distribution",
  "tcr",
  "zot",
  "docker-hub",
  "quay",
  "ghcr",
  "generic",
] as const;
export type DialectName = (typeof DIALECTS)[number];

/**
 * How a sender shows who it is: a header it can be told to send, a signature over the body, or, where it can do neither, a
 * secret at the end of the address.
 */
export const SENDER_PROOFS = {
  harbor: "header",
  distribution: "header",
  tcr: "header",
  zot: "header",
  generic: "header",
  ghcr: "signature",
  "docker-hub": "path",
  quay: "path",
} as const satisfies Record<DialectName, "header" | "signature" | "path">;

/** What became of an event. `accepted`: it waits for a worker. */
export const EVENT_STATES = ["accepted", "processed", "ignored", "refused"] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** Whose form a notice takes, and how it is signed: `generic` is Standard Webhooks. */
export const NOTICE_KINDS = ["wecom", "dingtalk", "feishu", "slack", "generic"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** How a task ends. */
export type NoticeTaskStatus = Exclude<TaskStatus, (typeof OPEN_TASK_STATUSES)[number]>;

/** What notices tell of. */
export const NOTICE_EVENTS = [
  "task-succeeded",
  "task-recovered",
  "task-partial",
  "task-failed",
  "task-nothing-matched",
  "task-stopped",
  "instance-unreachable",
  "instance-reachable",
  "schedule-late",
  "test",
] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What became of a notice. `dropped`: its address was switched off before it was sent. */
export const NOTICE_STATES = ["waiting", "sent", "failed", "dropped"] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];
