CREATE TABLE "tag_claims" (
	"target_instance_id" uuid NOT NULL,
	"repository" text NOT NULL,
	"tag" text NOT NULL,
	"job_id" uuid NOT NULL,
	"job_attempt" integer NOT NULL,
	CONSTRAINT "tag_claims_target_instance_id_repository_tag_pk" PRIMARY KEY("target_instance_id","repository","tag")
);
