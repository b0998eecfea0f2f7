CREATE TABLE "instance_shares" (
	"instance_id" uuid PRIMARY KEY NOT NULL,
	"holders" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "limits_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "instance_shares" ADD CONSTRAINT "instance_shares_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE cascade ON UPDATE no action;