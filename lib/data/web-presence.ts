import "server-only";
import { sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { reconcileSoon } from "../db/reconcile-soon.ts";

/** How often a web process says that it is there and reaches the database. */
const BEAT_MS = 15_000;
/** Nobody heard events for so long: senders that do not try again have lost theirs. */
const OUTAGE_S = 60;

/**
 * Notes that events are heard. After a gap, with no web process there or the database away, rules whose source tells of its
 * pushes are compared soon: what was pushed meanwhile was told to nobody.
 */
export async function noteHearing(): Promise<void> {
  await database().transaction(async (tx) => {
    const { rows } = await tx.execute<{ gap_s: number | null }>(sql`
      with before as (select id, heard_at from installation for update)
      update installation i set heard_at = now() from before b where b.id = i.id
      returning extract(epoch from now() - b.heard_at)::float8 as gap_s`);
    if ((rows[0]?.gap_s ?? 0) > OUTAGE_S) {
      await reconcileSoon(
        tx,
        sql`exists (select from event_addresses a where a.instance_id = rules.source_instance_id)`,
      );
    }
  });
}

/** Notes it now and from then on, as long as the process lives. An outage of the database is what the next beat is for. */
export function keepHearing(): void {
  const beat = () => void noteHearing().catch(() => undefined);
  beat();
  setInterval(beat, BEAT_MS).unref();
}
