import type { RefObject } from "react";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { isLarge, mayOverwrite } from "../preview/preview-state.ts";
import type { Preview } from "../preview/use-preview.ts";
import type { RuleDraft } from "./rule-draft.ts";

/** `overwrite`: content at the target will be replaced, or may be. `large`: very much will be moved at once. */
export type Question = "overwrite" | "large";

/** Who saves waits so long for the count; then what is known decides. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** Replacing content is asked about at every save; moving very much only where it begins with the save. */
export async function questionFor(
  draft: RuleDraft,
  rule: RuleRow | null,
  preview: RefObject<Preview | null>,
): Promise<Question | null> {
  const begins = rule === null && draft.backfill;
  if (!draft.override && !begins) {
    return null;
  }
  const until = performance.now() + PATIENCE_MS;
  while (preview.current?.status === "running" && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const totals = preview.current?.totals ?? null;
  if (draft.override && mayOverwrite(totals)) {
    return "overwrite";
  }
  return begins && isLarge(totals) ? "large" : null;
}
