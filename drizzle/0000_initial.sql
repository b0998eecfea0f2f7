CREATE TABLE "audit" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"actor_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid,
	"subject_name" text,
	"changes" jsonb,
	"ip" text,
	"request_id" text,
	CONSTRAINT "audit_outcome" CHECK ("audit"."outcome" in ('ok', 'denied', 'invalid'))
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"user_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"level" text,
	"receive" boolean DEFAULT false NOT NULL,
	CONSTRAINT "grants_user_id_instance_id_pk" PRIMARY KEY("user_id","instance_id"),
	CONSTRAINT "grants_level" CHECK ("grants"."level" in ('view', 'operate', 'manage')),
	CONSTRAINT "grants_some" CHECK ("grants"."level" is not null or "grants"."receive")
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"region" text DEFAULT '' NOT NULL,
	"address" text NOT NULL,
	"vendor" text NOT NULL,
	"username" text,
	"password_sealed" text,
	"ca_certificate" text,
	"plain_http" boolean DEFAULT false NOT NULL,
	"task_counter" integer DEFAULT 0 NOT NULL,
	"health_status" text DEFAULT 'unknown' NOT NULL,
	"health_checked_at" timestamp (3) with time zone,
	"health_latency_ms" integer,
	"health_code" text,
	"health_detail" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "instances_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "job_leases" (
	"job_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"queue" text NOT NULL,
	"worker_id" uuid NOT NULL,
	"taken_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "job_leases_job_id_attempt_pk" PRIMARY KEY("job_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "placements" (
	"task_id" uuid NOT NULL,
	"target_instance_id" uuid NOT NULL,
	"digest" text NOT NULL,
	"repository" text NOT NULL,
	"placed" boolean DEFAULT false NOT NULL,
	"job_id" uuid NOT NULL,
	"job_attempt" integer NOT NULL,
	CONSTRAINT "placements_task_id_target_instance_id_digest_repository_pk" PRIMARY KEY("task_id","target_instance_id","digest","repository")
);
--> statement-breakpoint
CREATE TABLE "rule_targets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"rule_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	"namespace" text,
	"set_by" uuid,
	"paused_at" timestamp (3) with time zone,
	"paused_reason" text
);
--> statement-breakpoint
CREATE TABLE "rules" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"source_instance_id" uuid NOT NULL,
	"source_namespace" text NOT NULL,
	"repository_pattern" text DEFAULT '' NOT NULL,
	"tag_pattern" text DEFAULT '' NOT NULL,
	"resource_type" text NOT NULL,
	"override" boolean DEFAULT false NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_by" uuid,
	"updated_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rules_name" UNIQUE("source_instance_id","name")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "setup_tokens" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "sign_in_failures" (
	"key" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_joins" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"user_id" uuid,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"rule_id" uuid NOT NULL,
	"source_instance_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"triggered_by" uuid,
	"scope" jsonb NOT NULL,
	"rule" jsonb,
	"retry_of" uuid,
	"status" text DEFAULT 'pending' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"claimed_at" timestamp (3) with time zone,
	"scan_ended_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"stop_requested_at" timestamp (3) with time zone,
	"stopped_by" uuid,
	"waiting_until" timestamp (3) with time zone,
	"waiting_reason" text,
	"waiting_instance_id" uuid,
	"failure" jsonb,
	"repositories_scanned" integer DEFAULT 0 NOT NULL,
	"tags_scanned" integer DEFAULT 0 NOT NULL,
	"repositories" integer DEFAULT 0 NOT NULL,
	"transfers_total" integer DEFAULT 0 NOT NULL,
	"transfers_running" integer DEFAULT 0 NOT NULL,
	"transfers_copied" integer DEFAULT 0 NOT NULL,
	"transfers_up_to_date" integer DEFAULT 0 NOT NULL,
	"transfers_skipped" integer DEFAULT 0 NOT NULL,
	"transfers_failed" integer DEFAULT 0 NOT NULL,
	"transfers_stopped" integer DEFAULT 0 NOT NULL,
	"bytes_total" bigint DEFAULT 0 NOT NULL,
	"bytes_copied" bigint DEFAULT 0 NOT NULL,
	"bytes_mounted" bigint DEFAULT 0 NOT NULL,
	"bytes_skipped" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "tasks_number" UNIQUE("source_instance_id","number"),
	CONSTRAINT "tasks_status" CHECK ("tasks"."status" in ('pending', 'scanning', 'running', 'succeeded', 'partial', 'failed', 'stopped', 'nothing-matched')),
	CONSTRAINT "tasks_trigger" CHECK ("tasks"."trigger" in ('manual', 'event', 'schedule'))
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"rule_target_id" uuid NOT NULL,
	"target_instance_id" uuid NOT NULL,
	"repository" text NOT NULL,
	"tag" text NOT NULL,
	"target_repository" text NOT NULL,
	"slice" integer NOT NULL,
	"digest" text,
	"media_type" text,
	"status" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"failure" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"size_bytes" bigint,
	"bytes_copied" bigint DEFAULT 0 NOT NULL,
	"bytes_mounted" bigint DEFAULT 0 NOT NULL,
	"bytes_skipped" bigint DEFAULT 0 NOT NULL,
	"replaced_digest" text,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "transfers_place" UNIQUE("task_id","rule_target_id","repository","tag"),
	CONSTRAINT "transfers_status" CHECK ("transfers"."status" in ('pending', 'running', 'copied', 'up-to-date', 'skipped', 'failed', 'stopped'))
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"display_name" text DEFAULT '' NOT NULL,
	"role" text NOT NULL,
	"password_hash" text NOT NULL,
	"disabled_at" timestamp (3) with time zone,
	"last_sign_in_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_username_unique" UNIQUE("username"),
	CONSTRAINT "users_role" CHECK ("users"."role" in ('root', 'sub-account'))
);
--> statement-breakpoint
CREATE TABLE "workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lock_key" bigint NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "workers_lock_key_unique" UNIQUE("lock_key")
);
--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_leases" ADD CONSTRAINT "job_leases_worker_id_workers_id_fk" FOREIGN KEY ("worker_id") REFERENCES "public"."workers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "placements" ADD CONSTRAINT "placements_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_targets" ADD CONSTRAINT "rule_targets_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_targets" ADD CONSTRAINT "rule_targets_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_targets" ADD CONSTRAINT "rule_targets_set_by_users_id_fk" FOREIGN KEY ("set_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_source_instance_id_instances_id_fk" FOREIGN KEY ("source_instance_id") REFERENCES "public"."instances"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_updated_by_users_id_fk" FOREIGN KEY ("updated_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_joins" ADD CONSTRAINT "task_joins_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_joins" ADD CONSTRAINT "task_joins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_source_instance_id_instances_id_fk" FOREIGN KEY ("source_instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_triggered_by_users_id_fk" FOREIGN KEY ("triggered_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_stopped_by_users_id_fk" FOREIGN KEY ("stopped_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_target_instance_id_instances_id_fk" FOREIGN KEY ("target_instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit" USING btree ("at");--> statement-breakpoint
CREATE INDEX "grants_instance" ON "grants" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "job_leases_worker" ON "job_leases" USING btree ("worker_id");--> statement-breakpoint
CREATE UNIQUE INDEX "rule_targets_place" ON "rule_targets" USING btree ("rule_id","instance_id",coalesce("namespace", ':same'));--> statement-breakpoint
CREATE INDEX "rule_targets_instance" ON "rule_targets" USING btree ("instance_id");--> statement-breakpoint
CREATE INDEX "rules_source_created" ON "rules" USING btree ("source_instance_id","created_at");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sign_in_failures_key_at" ON "sign_in_failures" USING btree ("key","at");--> statement-breakpoint
CREATE INDEX "task_joins_task" ON "task_joins" USING btree ("task_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_one_pending" ON "tasks" USING btree ("rule_id") WHERE "tasks"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_one_active" ON "tasks" USING btree ("rule_id") WHERE "tasks"."status" in ('scanning', 'running');--> statement-breakpoint
CREATE INDEX "tasks_rule_id" ON "tasks" USING btree ("rule_id","id");--> statement-breakpoint
CREATE INDEX "tasks_source_id" ON "tasks" USING btree ("source_instance_id","id");--> statement-breakpoint
CREATE INDEX "tasks_open" ON "tasks" USING btree ("id") WHERE "tasks"."status" in ('pending', 'scanning', 'running');--> statement-breakpoint
CREATE INDEX "transfers_task_status" ON "transfers" USING btree ("task_id","status","id");--> statement-breakpoint
CREATE INDEX "transfers_slice" ON "transfers" USING btree ("task_id","slice");