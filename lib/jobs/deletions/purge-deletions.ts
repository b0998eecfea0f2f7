import { sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { RETENTION_DAYS } from "../../schemas/words.ts";

const AT_ONCE = 5_000;

/** Removes what can no longer be undone, what ended long ago, and what a rule has placed that follows deletions no more. */
export async function purgeDeletions(db: Database, draining: AbortSignal): Promise<void> {
  await db.execute(sql`
    update deletions set manifest = null, sharing = null, attached = null, undo_until = null
    where undo_until < now() and restore_requested_at is null`);
  await db.execute(sql`
    delete from deletions
    where state in ('deleted', 'kept', 'withdrawn', 'restored') and undo_until is null
      and updated_at < now() - make_interval(days => ${RETENTION_DAYS.deletions})`);
  for (let removed = AT_ONCE; removed === AT_ONCE && !draining.aborted; ) {
    const { rowCount } = await db.execute(sql`
      delete from placed_tags where ctid = any (array(
        select p.ctid from placed_tags p
        where not exists (select from rules r where r.id = p.rule_id and r.follow_deletions)
          or not exists (select from rule_targets t where t.id = p.rule_target_id)
        limit ${AT_ONCE}))`);
    removed = rowCount ?? 0;
  }
}
