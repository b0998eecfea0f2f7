ALTER TABLE "rules" ADD COLUMN "referrers" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "digest_tags" jsonb;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "referrers" jsonb;