ALTER TABLE "tasks" DROP CONSTRAINT "tasks_rule_id_rules_id_fk";
--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "result" jsonb;