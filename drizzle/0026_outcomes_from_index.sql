DROP INDEX "tasks_rule_id";--> statement-breakpoint
CREATE INDEX "tasks_rule_id" ON "tasks" USING btree ("rule_id","id","status","ended_at");