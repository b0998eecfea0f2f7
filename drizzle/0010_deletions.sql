CREATE TABLE "deletion_sweeps" (
	"rule_id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"outcome" text NOT NULL,
	"known" integer DEFAULT 0 NOT NULL,
	"missing" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deletions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"rule_id" uuid NOT NULL,
	"rule_target_id" uuid NOT NULL,
	"target_instance_id" uuid NOT NULL,
	"repository" text NOT NULL,
	"tag" text NOT NULL,
	"target_repository" text NOT NULL,
	"digest" text NOT NULL,
	"cause" text NOT NULL,
	"task_id" uuid,
	"state" text NOT NULL,
	"reason" text,
	"failure" jsonb,
	"noticed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp (3) with time zone,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"confirmed_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"attempted_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	"undo_until" timestamp (3) with time zone,
	"restore_requested_at" timestamp (3) with time zone,
	"media_type" text,
	"manifest" "bytea",
	"sharing" jsonb,
	"job_id" uuid,
	"job_attempt" integer,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deletions_state" CHECK ("deletions"."state" in ('held', 'pending', 'deleted', 'kept', 'withdrawn', 'refused', 'failed', 'restored')),
	CONSTRAINT "deletions_cause" CHECK ("deletions"."cause" in ('event', 'sweep')),
	CONSTRAINT "deletions_due_at" CHECK ("deletions"."state" <> 'pending' or "deletions"."due_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "placed_tags" (
	"rule_target_id" uuid NOT NULL,
	"repository" text NOT NULL,
	"tag" text NOT NULL,
	"rule_id" uuid NOT NULL,
	"target_instance_id" uuid NOT NULL,
	"target_repository" text NOT NULL,
	"digest" text NOT NULL,
	"placed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "placed_tags_rule_target_id_repository_tag_pk" PRIMARY KEY("rule_target_id","repository","tag")
);
--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "follow_deletions" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "deletion_delay_hours" integer DEFAULT 24 NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "deletion_share" integer DEFAULT 10 NOT NULL;--> statement-breakpoint
ALTER TABLE "deletion_sweeps" ADD CONSTRAINT "deletion_sweeps_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deletions" ADD CONSTRAINT "deletions_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deletions" ADD CONSTRAINT "deletions_target_instance_id_instances_id_fk" FOREIGN KEY ("target_instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deletions" ADD CONSTRAINT "deletions_decided_by_users_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "deletions_open" ON "deletions" USING btree ("rule_target_id","repository","tag") WHERE "deletions"."state" in ('held', 'pending', 'refused', 'failed');--> statement-breakpoint
CREATE INDEX "deletions_rule" ON "deletions" USING btree ("rule_id","id");--> statement-breakpoint
CREATE INDEX "deletions_rule_state" ON "deletions" USING btree ("rule_id","state","id");--> statement-breakpoint
CREATE INDEX "deletions_due" ON "deletions" USING btree ("due_at") WHERE "deletions"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deletions_restore" ON "deletions" USING btree ("restore_requested_at") WHERE "deletions"."restore_requested_at" is not null;--> statement-breakpoint
CREATE INDEX "deletions_undo" ON "deletions" USING btree ("undo_until") WHERE "deletions"."undo_until" is not null;--> statement-breakpoint
CREATE INDEX "deletions_task" ON "deletions" USING btree ("task_id") WHERE "deletions"."task_id" is not null;--> statement-breakpoint
CREATE INDEX "placed_tags_rule" ON "placed_tags" USING btree ("rule_id");--> statement-breakpoint
CREATE INDEX "placed_tags_source" ON "placed_tags" USING btree ("repository","tag");--> statement-breakpoint
CREATE INDEX "placed_tags_place" ON "placed_tags" USING btree ("target_instance_id","target_repository","tag");--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_deletion_delay" CHECK ("rules"."deletion_delay_hours" between 1 and 720);--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_deletion_share" CHECK ("rules"."deletion_share" between 1 and 100);