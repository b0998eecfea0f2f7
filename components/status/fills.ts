import type { TransferStatus } from "@/lib/schemas/task.ts";
import type { PreviewVerdict } from "@/lib/schemas/words.ts";

/** Grounds of a stacked bar and of the legend beside it. */
export const TRANSFER_FILL: Record<TransferStatus, string> = {
  pending: "var(--track)",
  running: "var(--azurite-fill)",
  copied: "var(--malachite-fill)",
  "up-to-date": "var(--hatch)",
  skipped: "var(--slate-fill)",
  failed: "var(--cinnabar-fill)",
  stopped: "var(--slate-line)",
};

/** Grounds of the bar of a preview. */
export const VERDICT_FILL: Record<PreviewVerdict, string> = {
  copy: "var(--azurite-fill)",
  complete: "var(--azurite-fill)",
  "up-to-date": "var(--hatch)",
  overwrite: "var(--rouge-fill)",
  behind: "var(--slate-fill)",
  exists: "var(--slate-fill)",
  "platform-absent": "var(--slate-fill)",
  unknown: "var(--gamboge-fill)",
};
