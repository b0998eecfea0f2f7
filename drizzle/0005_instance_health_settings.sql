CREATE TABLE "installation" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"key_fingerprint" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "installation_one" CHECK ("installation"."id" = 1)
);
--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "health_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "concurrency" integer;--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL;