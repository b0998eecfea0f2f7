CREATE INDEX "transfers_target_tag" ON "transfers" USING btree (hashtextextended("target_repository" || ':' || "tag", 0)) WHERE "transfers"."status" in ('copied', 'up-to-date');
