CREATE TABLE "notice_address_instances" (
	"address_id" uuid NOT NULL,
	"instance_id" uuid NOT NULL,
	CONSTRAINT "notice_address_instances_address_id_instance_id_pk" PRIMARY KEY("address_id","instance_id")
);
--> statement-breakpoint
CREATE TABLE "notice_addresses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"url_sealed" text NOT NULL,
	"url_host" text NOT NULL,
	"url_hint" text NOT NULL,
	"secret_sealed" text,
	"secret_hint" text,
	"secret_set_at" timestamp (3) with time zone,
	"previous_secret_sealed" text,
	"previous_secret_until" timestamp (3) with time zone,
	"locale" text NOT NULL,
	"failures_only" boolean DEFAULT false NOT NULL,
	"all_instances" boolean DEFAULT true NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text,
	"held_until" timestamp (3) with time zone,
	"held_reason" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"minute_started_at" timestamp (3) with time zone,
	"minute_messages" integer DEFAULT 0 NOT NULL,
	"claim" uuid,
	"claimed_until" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notice_addresses_name_unique" UNIQUE("name"),
	CONSTRAINT "notice_addresses_kind" CHECK ("notice_addresses"."kind" in ('generic', 'wecom', 'dingtalk', 'feishu', 'slack'))
);
--> statement-breakpoint
CREATE TABLE "notice_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"address_id" uuid NOT NULL,
	"event" text NOT NULL,
	"subject" text NOT NULL,
	"task_id" uuid,
	"facts" jsonb,
	"state" text DEFAULT 'waiting' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone DEFAULT now() + interval '24 hours' NOT NULL,
	"due_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_attempt_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"digest_id" uuid,
	"http_status" integer,
	"reason" text,
	"answer" text,
	"elapsed_ms" integer,
	CONSTRAINT "notice_deliveries_state" CHECK ("notice_deliveries"."state" in ('waiting', 'sent', 'failed', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "notice_outages" (
	"instance_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "notice_address_instances" ADD CONSTRAINT "notice_address_instances_address_id_notice_addresses_id_fk" FOREIGN KEY ("address_id") REFERENCES "public"."notice_addresses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_address_instances" ADD CONSTRAINT "notice_address_instances_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_deliveries" ADD CONSTRAINT "notice_deliveries_address_id_notice_addresses_id_fk" FOREIGN KEY ("address_id") REFERENCES "public"."notice_addresses"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notice_outages" ADD CONSTRAINT "notice_outages_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notice_address_instances_instance" ON "notice_address_instances" USING btree ("instance_id");--> statement-breakpoint
CREATE UNIQUE INDEX "notice_deliveries_once" ON "notice_deliveries" USING btree ("address_id","subject");--> statement-breakpoint
CREATE INDEX "notice_deliveries_waiting" ON "notice_deliveries" USING btree ("address_id","due_at") WHERE "notice_deliveries"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "notice_deliveries_address" ON "notice_deliveries" USING btree ("address_id","id");--> statement-breakpoint
CREATE INDEX "notice_deliveries_created" ON "notice_deliveries" USING btree ("created_at");