import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { taskSamples } from "../db/schema/history.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import type { TaskPace } from "../schemas/task.ts";
import { type Mark, type Progress, paceOf, speedOf } from "./estimate.ts";

/** However many people look at a task, its pace is worked out so often; it tells nothing that a grant would hide. */
const FRESH_MS = 900;
const SPEED_SPAN = "8 seconds";
/** Ended transfers of each status that stand for those to come. */
const RECENT = 500;
/** Transfers that wait, in the order of the scan, whose repositories are looked at; those behind them are taken for the mean of all. */
const NEXT = 5_000;

const known = new Map<string, { atMs: number; pace: Promise<TaskPace | null> }>();

/** Speed and time left of tasks at work, by id; of a task that is not at work nothing. */
export async function pacesOf(taskIds: readonly string[]): Promise<Map<string, TaskPace>> {
  const now = Date.now();
  const stale = taskIds.filter((id) => now - (known.get(id)?.atMs ?? 0) >= FRESH_MS);
  if (stale.length > 0) {
    forgetOld(now);
    const read = readPaces(stale);
    for (const id of stale) {
      const pace = read.then((paces) => paces.get(id) ?? null);
      // Whoever asked hears of a failure; the next one asks anew.
      pace.catch(() => known.delete(id));
      known.set(id, { atMs: now, pace });
    }
  }
  const paces = await Promise.all(
    taskIds.map(async (id) => [id, (await known.get(id)?.pace) ?? null] as const),
  );
  return new Map(paces.flatMap(([id, pace]) => (pace ? [[id, pace]] : [])));
}

/** The speed alone of tasks at work, by id: two points of each task's curve, no transfers. */
export async function speedsOf(taskIds: readonly string[]): Promise<Map<string, TaskPace>> {
  if (taskIds.length === 0) {
    return new Map();
  }
  const { rows } = await database().execute<SpeedRow>(sql`
    select ${SPEED} from ${tasks} t where t.id = any(${sql.param(taskIds)}::uuid[]) and ${AT_WORK}`);
  return new Map(
    rows.map((row) => [
      row.id,
      { at: new Date(row.at).toISOString(), bytesPerSecond: speedOf(marksOf(row)), remainingMs: null },
    ]),
  );
}

function forgetOld(now: number): void {
  for (const [id, { atMs }] of known) {
    if (now - atMs >= 10 * FRESH_MS) {
      known.delete(id);
    }
  }
}

type SpeedRow = {
  id: string;
  at: number;
  bytes_copied: string;
  settled: number;
  began: number;
  lately: StoredMark | null;
  first: StoredMark | null;
};
type Row = SpeedRow & {
  scan_ended: boolean;
  total: number;
  before: StoredMark | null;
  sized: { count: number; size: number; copied: number; reused: number };
  ended: { count: number; size: number; copied: number };
  firsts: StoredUnderWay | null;
  places: ({ waiting: number; seen: number; all_copied: number } & StoredUnderWay)[] | null;
};
type StoredUnderWay = { size: number; copied: number; reused: number };
type StoredMark = { at: number; bytes: number; settled: number };

const epochMs = (at: SQL): SQL => sql`extract(epoch from ${at})::float8 * 1000`;
const mark = sql`json_build_object('at', ${epochMs(sql`s.at`)}, 'bytes', s.bytes_copied, 'settled', s.settled)`;

const SPEED = sql`
  t.id, ${epochMs(sql`now()`)} as at, t.bytes_copied,
  t.transfers_copied + t.transfers_up_to_date + t.transfers_skipped + t.transfers_failed + t.transfers_stopped as settled,
  ${epochMs(sql`t.claimed_at`)} as began,
  (select ${mark} from ${taskSamples} s where s.task_id = t.id and s.at <= now() - ${SPEED_SPAN}::interval
    order by s.at desc limit 1) as lately,
  (select ${mark} from ${taskSamples} s where s.task_id = t.id order by s.at limit 1) as first`;
const AT_WORK = sql`t.status in ('scanning', 'running') and t.claimed_at is not null`;

async function readPaces(ids: readonly string[]): Promise<Map<string, TaskPace>> {
  const ended = sql.join(
    ["copied", "up-to-date", "skipped", "failed"].map(
      (
        status,
      ) => sql`(select id, repository, status, bytes_copied, size_bytes, 0::bigint as reused from ${transfers}
        where task_id = t.id and status = ${status} order by id desc limit ${RECENT})`,
    ),
    sql` union all `,
  );
  const { rows } = await database().execute<Row>(sql`
    select ${SPEED}, t.scan_ended_at is not null as scan_ended, t.transfers_total as total,
      (select ${mark} from ${taskSamples} s
        where s.task_id = t.id and s.at >= now() - greatest(interval '1 minute', (now() - t.claimed_at) / 4)
        order by s.at limit 1) as before,
      (select json_build_object('count', count(*), 'size', coalesce(sum(size_bytes), 0),
          'copied', coalesce(sum(bytes_copied), 0), 'reused', coalesce(sum(bytes_mounted + bytes_skipped), 0))
        from ${transfers} where task_id = t.id and status = 'running' and size_bytes is not null) as sized,
      (select json_build_object('count', count(*), 'size', coalesce(sum(size_bytes), 0),
          'copied', coalesce(sum(bytes_copied), 0))
        from (select * from (${ended}) last order by id desc limit ${RECENT}) recent) as ended,
      places.*
    from ${tasks} t
    left join lateral (${placesOf(ended)}) places on true
    where t.id = any(${sql.param(ids)}::uuid[]) and ${AT_WORK}`);
  return new Map(rows.map((row) => [row.id, paceOf(progressOf(row))]));
}

/** What is known of repositories: `nth` is the place of a transfer among those of its repository that were seen. */
const placesOf = (ended: SQL): SQL => sql`
  with seen as (
    select *, row_number() over (partition by repository order by id) as nth from (
      (select * from (${ended}) last order by id desc limit ${RECENT})
      union all
      select id, repository, status, bytes_copied, size_bytes, bytes_mounted + bytes_skipped from ${transfers}
        where task_id = t.id and status = 'running' and size_bytes is not null
    ) begun
  ), grouped as (
    select repository, count(*) as seen, sum(bytes_copied) as all_copied, ${sumsOfRunning}
    from seen where nth > 1 group by repository
  ), waiting as (
    select repository, count(*) as waiting
    from (select repository from ${transfers} where task_id = t.id and status = 'pending' order by id limit ${NEXT}) next
    group by repository
  )
  select
    (select row_to_json(first) from (select ${sumsOfRunning} from seen where nth = 1) first) as firsts,
    (select json_agg(known) from (
      select waiting, seen, all_copied, size, copied, reused from grouped join waiting using (repository)) known) as places`;

const sumsOfRunning = sql`
  coalesce(sum(size_bytes) filter (where status = 'running'), 0) as size,
  coalesce(sum(bytes_copied) filter (where status = 'running'), 0) as copied,
  coalesce(sum(reused) filter (where status = 'running'), 0) as reused`;

const markOf = ({ at, bytes, settled }: StoredMark): Mark => ({ atMs: at, bytesCopied: bytes, settled });

const underWayOf = ({ size, copied, reused }: StoredUnderWay): Progress["firsts"] => ({
  sizeBytes: size,
  copied,
  reused,
});

const beginOf = (row: SpeedRow): Mark => ({ atMs: row.began, bytesCopied: 0, settled: 0 });

/** Now and some seconds ago: the speed between the two is shown. */
function marksOf(row: SpeedRow): Pick<Progress, "now" | "lately"> {
  const lately = row.lately ?? row.first;
  return {
    now: { atMs: row.at, bytesCopied: Number(row.bytes_copied), settled: row.settled },
    lately: lately ? markOf(lately) : beginOf(row),
  };
}

function progressOf(row: Row): Progress {
  return {
    ...marksOf(row),
    before: row.before ? markOf(row.before) : beginOf(row),
    scanEnded: row.scan_ended,
    total: row.total,
    sized: {
      count: row.sized.count,
      sizeBytes: row.sized.size,
      copied: row.sized.copied,
      reused: row.sized.reused,
    },
    ended: { count: row.ended.count, sizeBytes: row.ended.size, copied: row.ended.copied },
    firsts: underWayOf(row.firsts ?? { size: 0, copied: 0, reused: 0 }),
    places: (row.places ?? []).map((place) => ({
      waiting: place.waiting,
      seen: place.seen,
      copied: place.all_copied,
      sized: underWayOf(place),
    })),
  };
}
