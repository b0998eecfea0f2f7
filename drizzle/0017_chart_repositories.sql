ALTER TABLE "instances" ADD COLUMN "charts_address" text;--> statement-breakpoint
ALTER TABLE "transfers" ADD COLUMN "store" text;