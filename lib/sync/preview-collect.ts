import type { PreviewEvent, PreviewRow, PreviewTotals } from "../schemas/preview.ts";
import { type PreviewRequest, previewRule } from "./preview.ts";
import type { PreviewLimits } from "./preview-limits.ts";

const never = new AbortController().signal;

/** A preview to its end, put together as the console does. */
export async function collect(
  request: PreviewRequest,
  options: { limits?: PreviewLimits; signal?: AbortSignal } = {},
) {
  const rows: PreviewRow[] = [];
  const events: PreviewEvent[] = [];
  let totals: PreviewTotals | undefined;
  for await (const event of previewRule(request, { signal: never, ...options })) {
    events.push(event);
    if (event.kind === "rows") {
      rows.push(...event.rows);
    } else if (event.kind === "totals") {
      totals = event.totals;
    } else if (event.kind === "sizes") {
      for (const [index, bytes] of event.sizes) {
        const row = rows[index];
        if (row) {
          row.bytes = bytes;
        }
      }
    }
  }
  if (!totals) {
    throw new Error("a preview ends with its totals");
  }
  return { rows, totals, events };
}
