ALTER TABLE "tasks" DROP CONSTRAINT "tasks_trigger";--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verify_after" text;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verify_cron" text;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verify_time_zone" text;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verify_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verify_deep" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "verified" jsonb;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "verify" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "transfers_verified" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "transfers_repaired" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "transfers_unproven" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "contents_verified" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "bytes_verified" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "contents_verified" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "bytes_verified" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "rules_verify_due" ON "rules" USING btree ("verify_due_at") WHERE "rules"."enabled";--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_verify_after" CHECK ("rules"."verify_after" in ('shallow', 'deep'));--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_verify_schedule" CHECK (num_nonnulls("rules"."verify_cron", "rules"."verify_time_zone", "rules"."verify_due_at") in (0, 3));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_verify" CHECK ("tasks"."verify" in ('shallow', 'deep'));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_trigger" CHECK ("tasks"."trigger" in ('manual', 'event', 'schedule', 'reconcile', 'verify'));