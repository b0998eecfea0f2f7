CREATE TABLE "schedule_runs" (
	"rule_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"task_id" uuid,
	CONSTRAINT "schedule_runs_rule_id_due_at_pk" PRIMARY KEY("rule_id","due_at")
);
--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_trigger";--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "swept_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "on_event" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "cron" text;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "time_zone" text;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "schedule_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "reconcile_due_at" timestamp (3) with time zone DEFAULT now() + interval '6 hours' * (0.5 + random() / 2) NOT NULL;--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_rule_id_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "schedule_runs_at" ON "schedule_runs" USING btree ("at");--> statement-breakpoint
CREATE INDEX "rules_schedule_due" ON "rules" USING btree ("schedule_due_at") WHERE "rules"."enabled";--> statement-breakpoint
CREATE INDEX "rules_reconcile_due" ON "rules" USING btree ("reconcile_due_at") WHERE "rules"."enabled" and "rules"."on_event";--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_schedule" CHECK (num_nonnulls("rules"."cron", "rules"."time_zone", "rules"."schedule_due_at") in (0, 3));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_trigger" CHECK ("tasks"."trigger" in ('manual', 'event', 'schedule', 'reconcile'));