DROP INDEX "tasks_rule_succeeded";--> statement-breakpoint
DROP INDEX "tasks_rule_id";--> statement-breakpoint
DROP INDEX "transfers_task_status";--> statement-breakpoint
CREATE INDEX "tasks_rule_status" ON "tasks" USING btree ("rule_id","status","id");--> statement-breakpoint
CREATE INDEX "tasks_status_id" ON "tasks" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "tasks_trigger_id" ON "tasks" USING btree ("trigger","id");--> statement-breakpoint
CREATE INDEX "transfers_task" ON "transfers" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "tasks_rule_id" ON "tasks" USING btree ("rule_id","id","status");--> statement-breakpoint
CREATE INDEX "transfers_task_status" ON "transfers" USING btree ("task_id","status","id","rule_target_id");