import type { PreviewEvent, PreviewRow, PreviewTotals } from "@/lib/schemas/preview.ts";
import type { FailureFact } from "@/lib/schemas/task.ts";

export interface PreviewState {
  rows: readonly PreviewRow[];
  totals: PreviewTotals | null;
  /** The source could not be read to its end. */
  failure: FailureFact | null;
  probe: "match" | "other-type" | "absent" | { notNewerThan: string } | null;
  limit: "time" | "size" | "superseded" | null;
  /** Null while it runs. */
  elapsedMs: number | null;
}

export const NO_PREVIEW: PreviewState = {
  rows: [],
  totals: null,
  failure: null,
  probe: null,
  limit: null,
  elapsedMs: null,
};

/** What is known after these events. */
export function applyEvents(state: PreviewState, events: readonly PreviewEvent[]): PreviewState {
  const next = { ...state };
  const sizes = new Map<number, number>();
  for (const event of events) {
    switch (event.kind) {
      case "rows":
        next.rows = [...next.rows, ...event.rows];
        break;
      case "sizes":
        for (const [index, bytes] of event.sizes) {
          sizes.set(index, bytes);
        }
        break;
      case "totals":
        next.totals = event.totals;
        break;
      case "failed":
        next.failure = event.failure;
        break;
      case "probe":
        next.probe = event.found === "not-newest" ? { notNewerThan: event.least } : event.found;
        break;
      case "end":
        next.limit = event.limit;
        next.elapsedMs = event.elapsedMs;
        break;
      case "beat":
        break;
    }
  }
  if (sizes.size > 0) {
    next.rows = next.rows.map((row) => ({ ...row, bytes: sizes.get(row.index) ?? row.bytes }));
  }
  return next;
}

/** Transfers that would write: they copy, complete or replace. */
export function movesOf(totals: PreviewTotals | null): number {
  return totals ? totals.verdicts.copy + totals.verdicts.complete + totals.verdicts.overwrite : 0;
}

/** Above one of these a person is asked before it starts. */
const LARGE_TAGS = 1_000;
const LARGE_BYTES = 100e9;

export function isLarge(totals: PreviewTotals | null): boolean {
  if (!totals) {
    return false;
  }
  const { tags, repositories, bytes } = totals;
  // Of so many repositories nobody has seen yet that there is nothing in them.
  const uncounted = !tags.complete && repositories.matched >= LARGE_TAGS;
  return uncounted || movesOf(totals) >= LARGE_TAGS || bytes.toMove >= LARGE_BYTES;
}

/** Whether content at a target will be replaced, or may be: not everything is known. */
export function mayOverwrite(totals: PreviewTotals | null): boolean {
  return !totals?.tags.complete || totals.verdicts.unknown > 0 || totals.verdicts.overwrite > 0;
}
