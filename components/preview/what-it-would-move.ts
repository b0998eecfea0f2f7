import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { applyEvents, isLarge, NO_PREVIEW } from "./preview-state.ts";
import { readPreview } from "./read-preview.ts";

/** Nobody waits longer for an answer to a click: what is known by then decides. */
const PATIENCE_MS = 2_000;
/** Of the four previews that one user may have under way. */
const LANES = 2;

export interface Look {
  /** Null: nothing could be told. */
  totals: PreviewTotals | null;
  /** A person is to be asked before it starts. */
  large: boolean;
}

/** What triggering these rules would move, as far as it is known within two seconds; what cannot be told counts as nothing. */
export async function whatTheyWouldMove(ruleIds: readonly string[]): Promise<Look> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const waiting = [...ruleIds];
  const found = new Map<string, PreviewTotals | null>();
  const sum = () => sumOf(ruleIds.map((id) => found.get(id) ?? null));
  const lane = async () => {
    for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
      for await (const totals of totalsOf(id, signal)) {
        found.set(id, totals);
      }
      if (isLarge(sum())) {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, ruleIds.length) }, lane));
  const totals = sum();
  return { totals, large: isLarge(totals) };
}

/** Totals of one rule as they grow, until they are large. */
async function* totalsOf(ruleId: string, signal: AbortSignal): AsyncGenerator<PreviewTotals | null> {
  let state = NO_PREVIEW;
  try {
    for await (const event of readPreview({ ruleId, fresh: true }, signal)) {
      state = applyEvents(state, [event]);
      yield state.totals;
      if (isLarge(state.totals)) {
        return;
      }
    }
  } catch {
    // Out of patience, refused, or no connection.
  }
}

/** What several rules would move together; of a rule of which nothing is known, it is at least what the others do. */
export function sumOf(all: readonly (PreviewTotals | null)[]): PreviewTotals | null {
  const known = all.filter((totals) => totals !== null);
  const [first] = known;
  if (!first) {
    return null;
  }
  const sum = (of: (totals: PreviewTotals) => number) =>
    known.reduce((total, totals) => total + of(totals), 0);
  const whole = known.length === all.length;
  return {
    repositories: {
      listed: null,
      matched: sum(({ repositories }) => repositories.matched),
      complete: whole && known.every(({ repositories }) => repositories.complete),
      unmatched: [],
      unreadable: sum(({ repositories }) => repositories.unreadable),
    },
    tags: {
      matched: sum(({ tags }) => tags.matched),
      complete: whole && known.every(({ tags }) => tags.complete),
    },
    verdicts: Object.fromEntries(
      Object.keys(first.verdicts).map((verdict) => [
        verdict,
        sum(({ verdicts }) => verdicts[verdict as keyof PreviewTotals["verdicts"]]),
      ]),
    ) as PreviewTotals["verdicts"],
    bytes: {
      toMove: sum(({ bytes }) => bytes.toMove),
      state: whole && known.every(({ bytes }) => bytes.state === "exact") ? "exact" : "estimated",
    },
  };
}
