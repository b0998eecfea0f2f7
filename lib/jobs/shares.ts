import { sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import type { InstanceLimits, LimitsAt } from "../schemas/limits.ts";
import type { Holders } from "../schemas/shares.ts";
import type { Wish } from "./share-plan.ts";

/** A share is its holder's own for so long after it was asked for; who cannot ask again in time has it no more. */
export const LEASE_MS = 5_000;
/** Then it may go on with its reserve for so long, which the others leave free. */
export const RESERVE_MS = 60_000;

export interface ShareRequest {
  instanceId: string;
  limits: LimitsAt;
  /** Null: gives back what it has. */
  wish: Wish | null;
}

export interface ShareAnswer {
  instanceId: string;
  holders: Holders;
  /** What is set now. */
  limits: InstanceLimits | null;
  /** By the database's clock, ms since 1970. */
  nowMs: number;
}

/**
 * Asks for shares, all at once: one statement, whatever number of instances. Each instance is one row, and what is granted is at
 * most what the others leave of its limits, read under the lock of that row. So no two workers can take the same, and the
 * sum is never above the limit, whatever anybody wishes. Times are the database's. An instance that is gone answers nothing.
 */
export async function askForShares(
  db: Database,
  workerId: string,
  requests: readonly ShareRequest[],
): Promise<ShareAnswer[]> {
  const asked = requests.map(({ instanceId, limits, wish }) => ({
    instance_id: instanceId,
    entry: wish && { ...wish, ...capsOf(limits) },
  }));
  const { rows } = await db.execute<{
    instance_id: string;
    holders: Holders;
    limits: InstanceLimits | null;
    now_ms: string;
  }>(sql`
    insert into instance_shares as s (instance_id, holders)
    select r.instance_id, case when jsonb_typeof(r.entry) = 'object'
      then jsonb_build_object(${workerId}::text, ${granted(sql`r.entry`, NOTHING_HELD)}) else '{}' end
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as r (instance_id uuid, entry jsonb)
    where exists (select from instances i where i.id = r.instance_id)
    order by r.instance_id
    on conflict (instance_id) do update set holders = (
      with others as materialized (
        select key, value, (value->>'until')::float8 > ${NOW_MS} as live
        from jsonb_each(s.holders)
        where key <> ${workerId} and (value->>'until')::float8 + ${RESERVE_MS} > ${NOW_MS}
      ), held as (
        select coalesce(sum(coalesce((value->>'places')::int, (value->>'copies')::int)) filter (where live), 0) as places,
          ${heldRate("read")} as read, ${heldRate("write")} as write
        from others
      )
      select (select coalesce(jsonb_object_agg(key, value), '{}') from others)
        || case when mine.entry is null then '{}' else jsonb_build_object(${workerId}::text, ${granted(sql`mine.entry`, HELD)}) end
      from held, (select excluded.holders -> ${workerId}::text as entry) as mine
    )
    returning s.instance_id, s.holders,
      (select i.limits from instances i where i.id = s.instance_id) as limits, ${NOW_MS} as now_ms`);
  return rows.map((row) => ({
    instanceId: row.instance_id,
    holders: row.holders,
    limits: row.limits,
    nowMs: Number(row.now_ms),
  }));
}

/** Not now(): the statement may have waited for the row. */
const NOW_MS = sql`(extract(epoch from clock_timestamp()) * 1000)::float8`;

/** Travels with the entry, so that the row itself says by which limits it was granted. */
function capsOf({ copies, readBytesPerSecond, writeBytesPerSecond }: LimitsAt) {
  return { caps: { copies, read: readBytesPerSecond, write: writeBytesPerSecond } };
}

const HELD = { places: sql`held.places`, read: sql`held.read`, write: sql`held.write` };
const NOTHING_HELD = { places: sql`0`, read: sql`0`, write: sql`0` };

function heldRate(of: "read" | "write") {
  const key = sql.raw(`'${of}'`);
  return sql`coalesce(sum((value->${key}->>(case when live then 'share' else 'reserve' end))::float8), 0)`;
}

type Sql = ReturnType<typeof sql>;

/** The entry with what is left of what it wishes for. Copies under way keep their places. */
function granted(entry: Sql, held: Record<"places" | "read" | "write", Sql>): Sql {
  const rate = (of: "read" | "write") => rateOf(sql.raw(`'${of}'`), of);
  const rateOf = (key: Sql, of: "read" | "write") => sql`case when jsonb_typeof(${entry}->${key}) = 'object'
    then ${entry}->${key} || jsonb_build_object('share', greatest(0, least(
      (${entry}->${key}->>'share')::float8, (${entry}->'caps'->>${key})::float8 - ${held[of]}))) end`;
  return sql`${entry} || jsonb_build_object(
    'places', greatest((${entry}->>'copies')::int, least(
      (${entry}->>'places')::int, (${entry}->'caps'->>'copies')::int - ${held.places}))
      + case when ${entry}->>'places' is null then null else 0 end,
    'read', ${rate("read")}, 'write', ${rate("write")}, 'until', ${NOW_MS} + ${LEASE_MS})`;
}
