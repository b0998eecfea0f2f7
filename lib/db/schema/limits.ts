import { jsonb, pgTable, uuid } from "drizzle-orm/pg-core";
import type { Holders } from "../../schemas/shares.ts";
import { instances } from "./instances.ts";

/**
 * How the limits of an instance are shared out among the workers that copy there now. One row an instance, so that one
 * UPDATE sees what all others hold: two of them cannot both take what is left (lib/jobs/shares.ts).
 */
export const instanceShares = pgTable("instance_shares", {
  instanceId: uuid("instance_id")
    .primaryKey()
    .references(() => instances.id, { onDelete: "cascade" }),
  holders: jsonb("holders").$type<Holders>().notNull().default({}),
});
