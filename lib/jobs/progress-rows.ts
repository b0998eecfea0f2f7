import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { announceTask } from "../queue/live.ts";
import { writeSample } from "./samples.ts";
import type { TransferTotals } from "./totals.ts";

/** A task is announced so often at most by this process, however many of its jobs run here. */
const ANNOUNCED_MS = 1_000;
const announced = new Map<string, number>();

/** Counters have moved in this transaction: the throughput curve and the pages are told, each when it is their time. */
export async function tellProgress(tx: Tx, taskId: string): Promise<void> {
  await writeSample(tx, taskId);
  if (due(taskId)) {
    await announceTask(tx, taskId);
  }
}

function due(taskId: string): boolean {
  const now = Date.now();
  if (now - (announced.get(taskId) ?? 0) < ANNOUNCED_MS) {
    return false;
  }
  announced.set(taskId, now);
  if (announced.size > 1_000) {
    announced.clear();
  }
  return true;
}

/** Adds to the transfers, and their sum to the task. Transfers first: every writer locks them in this order. */
export async function writeTotals(
  tx: Tx,
  taskId: string,
  batch: readonly [string, TransferTotals][],
): Promise<void> {
  if (batch.length === 0) {
    return;
  }
  const rows = batch.map(
    ([id, { found, copied, mounted, skipped, contentsVerified, bytesVerified }]) => sql`(
      ${id}::uuid, ${found}::bigint, ${copied}::bigint, ${mounted}::bigint, ${skipped}::bigint,
      ${contentsVerified}::bigint, ${bytesVerified}::bigint)`,
  );
  await tx.execute(sql`
    with bytes (id, found, copied, mounted, skipped, contents, read_back) as (values ${sql.join(rows, sql`, `)}),
    written as (
      update transfers t
      set size_bytes = coalesce(t.size_bytes, 0) + found, bytes_copied = t.bytes_copied + copied,
          bytes_mounted = t.bytes_mounted + mounted, bytes_skipped = t.bytes_skipped + skipped,
          contents_verified = t.contents_verified + contents, bytes_verified = t.bytes_verified + read_back,
          updated_at = now()
      from bytes where t.id = bytes.id and t.status = 'running'
      returning found, copied, mounted, skipped, contents, read_back
    )
    update tasks set
      bytes_total = bytes_total + (select coalesce(sum(found), 0) from written),
      bytes_copied = bytes_copied + (select coalesce(sum(copied), 0) from written),
      bytes_mounted = bytes_mounted + (select coalesce(sum(mounted), 0) from written),
      bytes_skipped = bytes_skipped + (select coalesce(sum(skipped), 0) from written),
      contents_verified = contents_verified + (select coalesce(sum(contents), 0) from written),
      bytes_verified = bytes_verified + (select coalesce(sum(read_back), 0) from written),
      updated_at = now()
    where id = ${taskId}`);
}
