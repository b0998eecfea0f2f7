ALTER TABLE "tasks" DROP CONSTRAINT "tasks_number";--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_number" UNIQUE("number","source_instance_id");