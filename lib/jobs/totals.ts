import type { Checked } from "../schemas/verification.ts";
import { addProgress, noProgress, type ProgressTotals } from "../sync/progress.ts";
import type { TransferProgress } from "../sync/transfer.ts";

/** What a transfer has moved, and what of it was looked at afterwards. */
export interface TransferTotals extends ProgressTotals {
  /** Manifests and blobs. */
  contentsVerified: number;
  /** Bytes of blobs that were read back. */
  bytesVerified: number;
}

export function noTotals(): TransferTotals {
  return { ...noProgress(), contentsVerified: 0, bytesVerified: 0 };
}

export function addMoved(totals: TransferTotals, moved: TransferProgress): void {
  addProgress(totals, moved);
}

export function addLookedAt(
  totals: TransferTotals,
  { manifests = 0, blobs = 0, bytesRead = 0 }: Partial<Checked>,
): void {
  totals.contentsVerified += manifests + blobs;
  totals.bytesVerified += bytesRead;
}

/** What was not written after all is to be written later. */
export function addTotals(totals: TransferTotals, more: TransferTotals): void {
  addProgress(totals, more);
  totals.contentsVerified += more.contentsVerified;
  totals.bytesVerified += more.bytesVerified;
}
