CREATE TABLE "target_misses" (
	"rule_target_id" uuid NOT NULL,
	"repository" text NOT NULL,
	"tag" text NOT NULL,
	"known_at" timestamp (3) with time zone NOT NULL,
	"transfer_id" uuid,
	"task_id" uuid NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "target_misses_rule_target_id_repository_tag_pk" PRIMARY KEY("rule_target_id","repository","tag")
);
--> statement-breakpoint
CREATE TABLE "target_results" (
	"rule_target_id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"status" text NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"copied" integer DEFAULT 0 NOT NULL,
	"up_to_date" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"stopped" integer DEFAULT 0 NOT NULL,
	"succeeded_at" timestamp (3) with time zone,
	"whole_at" timestamp (3) with time zone,
	CONSTRAINT "target_results_status" CHECK ("target_results"."status" in ('succeeded', 'partial', 'failed', 'stopped', 'nothing-matched'))
);
--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "heard_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "known_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "target_misses_oldest" ON "target_misses" USING btree ("rule_target_id","known_at");--> statement-breakpoint
-- What is known of the time before: a target stands where the last task of its rule left it.
INSERT INTO "target_results" ("rule_target_id", "task_id", "status", "ended_at", "succeeded_at", "whole_at")
SELECT rt.id, k.id, k.status, k.ended_at, s.ended_at, w.ended_at
FROM "rule_targets" rt
JOIN LATERAL (SELECT id, status, ended_at FROM "tasks" WHERE rule_id = rt.rule_id AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1) k ON true
LEFT JOIN LATERAL (SELECT ended_at FROM "tasks" WHERE rule_id = rt.rule_id AND status = 'succeeded' ORDER BY id DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT ended_at FROM "tasks" WHERE rule_id = rt.rule_id AND status = 'succeeded' AND scope ->> 'kind' = 'rule' ORDER BY id DESC LIMIT 1) w ON true;
