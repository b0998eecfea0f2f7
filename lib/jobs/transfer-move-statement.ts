import { type SQL, sql } from "drizzle-orm";
import type { transfers } from "../db/schema/transfers.ts";
import type { Lease } from "../queue/fence.ts";
import { OPEN_TRANSFER_STATUSES } from "../queue/states.ts";
import type { TransferTotals } from "./totals.ts";
import { ATTEMPTS_KEPT, saidOf, type TransferResult } from "./transfer-result.ts";

export type TransferRecord = typeof transfers.$inferSelect;

/** A running transfer that ends, or goes back for another try. */
export interface TransferEnd {
  readonly transfer: TransferRecord;
  readonly result: TransferResult;
  /** What it has moved that is not written yet. */
  readonly bytes: TransferTotals;
  /** Of the attempt that may have claimed its tag: the claim ends with it. */
  readonly lease?: Lease;
}

/** What is to become of transfers of one task. */
export interface TransferMoves {
  readonly ends: readonly TransferEnd[];
  /** Ids of those that begin. One that is running already was left behind by an attempt that died: it begins anew. */
  readonly begins: readonly string[];
}

/**
 * Moves transfers and the counters of their task (transfer-moves.ts). Transfers before the task: everybody locks them in this order.
 * Often none ends, or none begins: of what is not needed nothing is planned, which costs more than to carry it out.
 */
export function moveStatement(taskId: string, { ends, begins }: TransferMoves): SQL {
  return sql`
    with ${ends.length > 0 ? endedOf(taskId, ends) : NONE_ENDED}, ${begins.length > 0 ? begunOf(begins) : NONE_BEGUN}
    update tasks k
    set transfers_running = k.transfers_running - d.transfers + a.more_running,
        transfers_copied = k.transfers_copied + d.copied_transfers,
        transfers_up_to_date = k.transfers_up_to_date + d.up_to_date,
        transfers_skipped = k.transfers_skipped + d.skipped_transfers, transfers_failed = k.transfers_failed + d.failed,
        transfers_verified = k.transfers_verified + d.verified, transfers_repaired = k.transfers_repaired + d.repaired,
        transfers_unproven = k.transfers_unproven + d.unproven, bytes_total = k.bytes_total + d.found - a.found,
        bytes_copied = k.bytes_copied + d.copied - a.copied, bytes_mounted = k.bytes_mounted + d.mounted - a.mounted,
        bytes_skipped = k.bytes_skipped + d.skipped - a.skipped,
        contents_verified = k.contents_verified + d.contents - a.contents,
        bytes_verified = k.bytes_verified + d.read_back - a.read_back,
        waiting_until = case when a.transfers = 0 then k.waiting_until end,
        waiting_reason = case when a.transfers = 0 then k.waiting_reason end,
        waiting_instance_id = case when a.transfers = 0 then k.waiting_instance_id end, updated_at = now()
    from done d, anew a
    where k.id = ${taskId} and d.transfers + a.transfers > 0
    returning ${idsOf("ended", ends)} as ended, ${idsOf("waiting", begins)} as begun,
      (select r.id from rules r where r.id = k.rule_id and r.follow_deletions) as "followingRule",
      k.scan_ended_at as "scanEndedAt", k.transfers_total as "transfersTotal", k.transfers_copied as "transfersCopied",
      k.transfers_up_to_date as "transfersUpToDate", k.transfers_skipped as "transfersSkipped",
      k.transfers_failed as "transfersFailed", k.transfers_stopped as "transfersStopped"`;
}

/** @param of the table expression that has them, which there is only where there are any */
function idsOf(of: "ended" | "waiting", any: readonly unknown[]): SQL {
  return any.length > 0 ? sql`array(select id::text from ${sql.raw(of)})` : sql`array[]::text[]`;
}

const NONE_ENDED = sql`
    done (transfers, copied_transfers, up_to_date, skipped_transfers, failed, verified, repaired, unproven, found, copied,
      mounted, skipped, contents, read_back) as (values (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))`;
const NONE_BEGUN = sql`
    anew (transfers, more_running, found, copied, mounted, skipped, contents, read_back) as (values (0, 0, 0, 0, 0, 0, 0, 0))`;

function endedOf(taskId: string, ends: readonly TransferEnd[]): SQL {
  const said = JSON.stringify(
    ends.map(({ transfer, result, bytes, lease }) => ({
      ...saidOf(transfer.id, result, bytes),
      job_id: lease?.jobId,
      job_attempt: lease?.attempt,
    })),
  );
  return sql`
    said as (
      select * from jsonb_to_recordset(${said}::jsonb) as s (
        id uuid, status text, reason text, failure jsonb, went_wrong jsonb, replaced text, keeps_replaced boolean,
        verification jsonb, target_digest text, referrers jsonb, handed_back int, arrived boolean,
        verified int, repaired int, unproven int,
        found bigint, copied bigint, mounted bigint, skipped bigint, contents bigint, read_back bigint,
        job_id uuid, job_attempt int)
    ), ended as (
      update transfers t
      set status = s.status, reason = s.reason, failure = s.failure, verification = s.verification,
          replaced_digest = case when s.keeps_replaced then t.replaced_digest else s.replaced end,
          target_digest = coalesce(s.target_digest, t.target_digest), referrers = s.referrers,
          -- Stays unknown for a transfer that needed no manifest: equal digests tell no size.
          size_bytes = coalesce(t.size_bytes + s.found, nullif(s.found, 0)),
          bytes_copied = t.bytes_copied + s.copied, bytes_mounted = t.bytes_mounted + s.mounted,
          bytes_skipped = t.bytes_skipped + s.skipped, contents_verified = t.contents_verified + s.contents,
          bytes_verified = t.bytes_verified + s.read_back, attempts = t.attempts - s.handed_back,
          attempt_failures = case when s.went_wrong is null then t.attempt_failures else
            case when jsonb_array_length(t.attempt_failures) < ${ATTEMPTS_KEPT}
              then t.attempt_failures else t.attempt_failures - 0 end
            || jsonb_build_array(jsonb_build_object('attempt', t.attempts, 'fact', s.went_wrong, 'at',
              to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) end,
          ended_at = case when s.status = 'pending' then null else now() end, updated_at = now()
      from said s
      where t.id = s.id and t.task_id = ${taskId} and t.status = 'running'
      returning t.id, t.rule_target_id, t.repository, t.tag, t.target_instance_id, t.target_repository, s.job_id,
        s.job_attempt, s.status, s.arrived, s.verified, s.repaired, s.unproven,
        s.found, s.copied, s.mounted, s.skipped, s.contents, s.read_back
    ), arrived as (
      delete from target_misses m using ended e
      where e.arrived and m.rule_target_id = e.rule_target_id and m.repository = e.repository and m.tag = e.tag
    ), freed as (
      -- In the order in which tags are claimed (tag-claims.ts).
      delete from tag_claims where ctid = any (array(
        select c.ctid from tag_claims c
        join ended e on e.target_instance_id = c.target_instance_id and e.target_repository = c.repository
          and e.tag = c.tag and e.job_id = c.job_id and e.job_attempt = c.job_attempt
        order by c.target_instance_id, c.repository, c.tag for update of c))
    ), done as (
      select count(*) as transfers,
        count(*) filter (where status = 'copied') as copied_transfers,
        count(*) filter (where status = 'up-to-date') as up_to_date,
        count(*) filter (where status = 'skipped') as skipped_transfers,
        count(*) filter (where status = 'failed') as failed,
        coalesce(sum(verified), 0) as verified, coalesce(sum(repaired), 0) as repaired,
        coalesce(sum(unproven), 0) as unproven, coalesce(sum(found), 0) as found, coalesce(sum(copied), 0) as copied,
        coalesce(sum(mounted), 0) as mounted, coalesce(sum(skipped), 0) as skipped,
        coalesce(sum(contents), 0) as contents, coalesce(sum(read_back), 0) as read_back
      from ended
    )`;
}

function begunOf(begins: readonly string[]): SQL {
  return sql`
    waiting as (
      select id, status, coalesce(size_bytes, 0) as size_bytes, bytes_copied, bytes_mounted, bytes_skipped,
        contents_verified, bytes_verified
      from transfers
      where id = any (${sql.param([...begins])}::uuid[]) and status in ${[...OPEN_TRANSFER_STATUSES]}
      order by id for no key update
    ), begun as (
      update transfers t
      set status = 'running', attempts = t.attempts + 1, started_at = coalesce(t.started_at, now()),
          updated_at = now(), size_bytes = null, bytes_copied = 0, bytes_mounted = 0, bytes_skipped = 0,
          contents_verified = 0, bytes_verified = 0
      from waiting w where t.id = w.id
    ), anew as (
      select count(*) as transfers, count(*) filter (where status <> 'running') as more_running,
        coalesce(sum(size_bytes), 0) as found, coalesce(sum(bytes_copied), 0) as copied,
        coalesce(sum(bytes_mounted), 0) as mounted, coalesce(sum(bytes_skipped), 0) as skipped,
        coalesce(sum(contents_verified), 0) as contents, coalesce(sum(bytes_verified), 0) as read_back
      from waiting
    )`;
}
