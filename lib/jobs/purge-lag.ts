import { eq, notExists, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { targetMisses, targetResults } from "../db/schema/lag.ts";
import { ruleTargets } from "../db/schema/rules.ts";

/** Removes what is noted of targets that are gone: it hangs on no foreign key. */
export async function purgeLag(db: Database): Promise<void> {
  for (const ofTarget of [targetResults, targetMisses]) {
    await db
      .delete(ofTarget)
      .where(
        notExists(
          db.select({ one: sql`1` }).from(ruleTargets).where(eq(ruleTargets.id, ofTarget.ruleTargetId)),
        ),
      );
  }
}
