import type { Content } from "../registry/repository.ts";
import type { Passage } from "./throttle.ts";
import type { TransferProgress } from "./transfer.ts";

/** Sums of progress, in bytes. At the end of a transfer that succeeded, found = copied + mounted + skipped. */
export interface ProgressTotals {
  found: number;
  copied: number;
  mounted: number;
  skipped: number;
}

export function noProgress(): ProgressTotals {
  return { found: 0, copied: 0, mounted: 0, skipped: 0 };
}

export function addProgress(totals: ProgressTotals, progress: TransferProgress): void {
  totals.found += progress.found ?? 0;
  totals.copied += progress.copied ?? 0;
  totals.mounted += progress.mounted ?? 0;
  totals.skipped += progress.skipped ?? 0;
}

/** Hands content on as its passage lets it, tells how many bytes have passed, and stops once the signal says so. */
export async function* counted(
  content: Content,
  { take }: Pick<Passage, "take">,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    signal.throwIfAborted();
    // Nothing is awaited where nothing is limited: a turn of the event loop a chunk would be felt.
    const turn = take(chunk.byteLength, signal);
    if (turn) {
      await turn;
    }
    onBytes(chunk.byteLength);
    yield chunk;
  }
}
