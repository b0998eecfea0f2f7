ALTER TABLE "tasks" ADD COLUMN "closest_name" text;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "attempt_failures" jsonb DEFAULT '[]'::jsonb NOT NULL;