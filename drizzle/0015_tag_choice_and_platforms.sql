ALTER TABLE "rules" ADD COLUMN "exclude_tag_pattern" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "semver_range" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "newest_tags" integer;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "platforms" jsonb;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "parts_before" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "target_digest" text;--> statement-breakpoint
CREATE INDEX "transfers_written_image" ON "transfers" USING btree ("target_digest","target_instance_id") WHERE "transfers"."target_digest" is not null;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_newest_tags" CHECK ("rules"."newest_tags" between 1 and 10000);