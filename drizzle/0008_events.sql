CREATE TABLE "event_addresses" (
	"instance_id" uuid PRIMARY KEY NOT NULL,
	"dialect" text NOT NULL,
	"token_hash" text NOT NULL,
	"token_sealed" text,
	"token_hint" text NOT NULL,
	"previous_hash" text,
	"previous_sealed" text,
	"previous_until" timestamp (3) with time zone,
	"set_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"instance_id" uuid NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"dialect" text NOT NULL,
	"event_id" text NOT NULL,
	"action" text,
	"repository" text,
	"tag" text,
	"digest" text,
	"ip" text,
	"state" text DEFAULT 'accepted' NOT NULL,
	"reason" text,
	"started" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"processed_at" timestamp (3) with time zone,
	CONSTRAINT "events_state" CHECK ("events"."state" in ('accepted', 'processed', 'ignored', 'refused')),
	CONSTRAINT "events_action" CHECK ("events"."action" in ('push', 'delete'))
);
--> statement-breakpoint
ALTER TABLE "event_addresses" ADD CONSTRAINT "event_addresses_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "events_once" ON "events" USING btree ("instance_id","event_id");--> statement-breakpoint
CREATE INDEX "events_instance" ON "events" USING btree ("instance_id","id");--> statement-breakpoint
CREATE INDEX "events_accepted" ON "events" USING btree ("id") WHERE "events"."state" = 'accepted';--> statement-breakpoint
CREATE INDEX "events_received" ON "events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "events_tag" ON "events" USING btree ("instance_id","repository","tag");--> statement-breakpoint
CREATE INDEX "rules_event" ON "rules" USING btree ("source_instance_id","source_namespace") WHERE "rules"."enabled" and "rules"."on_event";--> statement-breakpoint
CREATE INDEX "transfers_written" ON "transfers" USING btree ("digest","target_instance_id") WHERE "transfers"."status" in ('running', 'copied');