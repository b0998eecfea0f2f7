import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { PlatformChoice } from "../../schemas/platform.ts";
import type { ResourceType } from "../../schemas/rule.ts";
import type { RuleVerification, VerifyDepth } from "../../schemas/verify-words.ts";
import { at } from "./columns.ts";
import { instances } from "./instances.ts";
import { users } from "./people.ts";

export const rules = pgTable(
  "rules",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** restrict: an instance that a rule names cannot be deleted. */
    sourceInstanceId: uuid("source_instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "restrict" }),
    sourceNamespace: text("source_namespace").notNull(),
    repositoryPattern: text("repository_pattern").notNull().default(""),
    /**
     * What every name that the expression matches begins with, as far as that is plain to see: an event passes over other rules unread.
     * Up to the first character that may mean more than itself, without the one before it, which may be optional.
     */
    repositoryPrefix: text("repository_prefix").generatedAlwaysAs(
      sql`case when position('|' in repository_pattern) > 0 then '' else left(substring(repository_pattern from '^[a-z0-9_/-]*'), -1) end`,
    ),
    tagPattern: text("tag_pattern").notNull().default(""),
    /** Tags left out of those that match; blank: none. */
    excludeTagPattern: text("exclude_tag_pattern").notNull().default(""),
    /** node-semver; blank: any tag, also one that is no version. */
    semverRange: text("semver_range").notNull().default(""),
    /** So many of each repository, by the order of their names; null: all. */
    newestTags: integer("newest_tags"),
    resourceType: text("resource_type").$type<ResourceType>().notNull(),
    /** null: indexes are copied whole. */
    platforms: jsonb("platforms").$type<PlatformChoice>(),
    /** It once copied parts of indexes: that an index stands at a target says nothing of its parts (lib/sync/platforms). */
    partsBefore: boolean("parts_before").notNull().default(false),
    override: boolean("override").notNull().default(false),
    /** 随附签名、证明与SBOM: what refers to a manifest, and cosign's digest tags, come with it. */
    referrers: boolean("referrers").notNull().default(true),
    enabled: boolean("enabled").notNull().default(true),
    /** 有推送即同步 */
    onEvent: boolean("on_event").notNull().default(true),
    /** Five fields (lib/schemas/cron.ts), read in `time_zone`; null: no schedule. */
    cron: text("cron"),
    /** IANA name. */
    timeZone: text("time_zone"),
    /** When the schedule fires next; whoever moves it on has fired it (lib/jobs/schedule.ts). */
    scheduleDueAt: at("schedule_due_at"),
    /** When the whole rule is compared next, whatever events told (lib/jobs/reconcile.ts): new rules are spread over three hours. */
    reconcileDueAt: at("reconcile_due_at")
      .notNull()
      .default(sql`now() + interval '6 hours' * (0.5 + random() / 2)`),
    /** What is deleted at the source is deleted at the targets too (lib/jobs/deletions). */
    followDeletions: boolean("follow_deletions").notNull().default(false),
    /** Hours between noticing and deleting, and again for undoing it. */
    deletionDelayHours: integer("deletion_delay_hours").notNull().default(24),
    /** Percent of the tags at a target that may go without a person's word. */
    deletionShare: integer("deletion_share").notNull().default(10),
    /** 任务后校验: how each of its tasks proves what it brought; null: not. */
    verifyAfter: text("verify_after").$type<VerifyDepth>(),
    /** 定期校验: five fields as `cron`; null: never by itself. */
    verifyCron: text("verify_cron"),
    verifyTimeZone: text("verify_time_zone"),
    /** When it is verified next; whoever moves it on has started it. */
    verifyDueAt: at("verify_due_at"),
    /** Verified by schedule, content is read back as well. */
    verifyDeep: boolean("verify_deep").notNull().default(false),
    /** When the whole rule was verified last, and what that came to: the task may be gone by now. */
    verifiedAt: at("verified_at"),
    verified: jsonb("verified").$type<RuleVerification>(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").references(() => users.id, { onDelete: "set null" }),
    updatedBy: uuid("updated_by").references(() => users.id, { onDelete: "set null" }),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    unique("rules_name").on(table.sourceInstanceId, table.name),
    index("rules_source_created").on(table.sourceInstanceId, table.createdAt),
    // Which rules an event may concern, however many there are.
    index("rules_event")
      .on(table.sourceInstanceId, table.sourceNamespace)
      .where(sql`${table.enabled} and ${table.onEvent}`),
    index("rules_schedule_due").on(table.scheduleDueAt).where(sql`${table.enabled}`),
    index("rules_reconcile_due").on(table.reconcileDueAt).where(sql`${table.enabled} and ${table.onEvent}`),
    check(
      "rules_schedule",
      sql`num_nonnulls(${table.cron}, ${table.timeZone}, ${table.scheduleDueAt}) in (0, 3)`,
    ),
    index("rules_verify_due").on(table.verifyDueAt).where(sql`${table.enabled}`),
    check("rules_verify_after", sql`${table.verifyAfter} in ('shallow', 'deep')`),
    check(
      "rules_verify_schedule",
      sql`num_nonnulls(${table.verifyCron}, ${table.verifyTimeZone}, ${table.verifyDueAt}) in (0, 3)`,
    ),
    check("rules_newest_tags", sql`${table.newestTags} between 1 and 10000`),
    check("rules_deletion_delay", sql`${table.deletionDelayHours} between 1 and 720`),
    check("rules_deletion_share", sql`${table.deletionShare} between 1 and 100`),
  ],
);

export const ruleTargets = pgTable(
  "rule_targets",
  {
    id: uuid("id").primaryKey(),
    ruleId: uuid("rule_id")
      .notNull()
      .references(() => rules.id, { onDelete: "cascade" }),
    instanceId: uuid("instance_id")
      .notNull()
      .references(() => instances.id, { onDelete: "restrict" }),
    /** null: the same as the source; '': the root. */
    namespace: text("namespace"),
    /** Who pointed the rule here; losing receive pauses the target. */
    setBy: uuid("set_by").references(() => users.id, { onDelete: "set null" }),
    pausedAt: at("paused_at"),
    pausedReason: text("paused_reason").$type<"receive-lost">(),
  },
  (table) => [
    uniqueIndex("rule_targets_place").on(
      table.ruleId,
      table.instanceId,
      sql`coalesce(${table.namespace}, ':same')`,
    ),
    index("rule_targets_instance").on(table.instanceId),
  ],
);
