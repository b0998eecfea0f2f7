"use client";

import { useTranslations } from "next-intl";
import { confirmDeletionsAction, undoDeletionsAction } from "@/lib/actions/deletions.ts";
import type { DeletionRow } from "@/lib/schemas/deletion.ts";
import type { DeletionState } from "@/lib/schemas/deletion-words.ts";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useAction } from "../live/use-action.ts";

export type Decision = "keep" | "restore" | "confirm" | "retry";
/** These rows, or every one of a state. */
export type Chosen = { ids: string[] } | { state: DeletionState };

/** `title`: what a person is asked, where it lets content go. */
export type Decide = (what: Decision, selection: Chosen, title: string) => void;

/** What can be decided about a row, and about all of its state. */
export function decisionsFor({ state, reason, undoUntil, restoring }: DeletionRow): Decision[] {
  switch (state) {
    case "held":
      return ["confirm", "keep"];
    case "pending":
      return ["keep"];
    case "deleted":
      return undoUntil !== null && !restoring ? ["restore"] : [];
    case "refused":
    case "failed":
      return reason === "moved" ? [] : ["retry"];
    default:
      return [];
  }
}

/** Of a whole state. */
export const DECISIONS: Partial<Record<DeletionState, readonly Decision[]>> = {
  held: ["confirm", "keep"],
  pending: ["keep"],
  deleted: ["restore"],
  refused: ["retry"],
  failed: ["retry"],
};

/** Keeping and putting back is an operator's; what lets content go is asked of whoever manages the rule. */
export const NEEDS: Record<Decision, "operate" | "manage"> = {
  keep: "operate",
  restore: "operate",
  confirm: "manage",
  retry: "manage",
};

export function useDecision(ruleId: string): {
  decide: (what: Decision, selection: Chosen) => Promise<boolean>;
  busy: boolean;
} {
  const t = useTranslations("deletions.done");
  const client = useQueryClient();
  const undo = useAction(undoDeletionsAction);
  const confirm = useAction(confirmDeletionsAction);
  return {
    busy: undo.busy || confirm.busy,
    decide: async (what, selection) => {
      const action = NEEDS[what] === "operate" ? undo : confirm;
      const result = await action.run({ ruleId, what, selection });
      if (result) {
        showToast({ message: t(what, { n: result.done }) });
        await client.invalidateQueries({ queryKey: queryKeys.deletions(ruleId) });
      }
      return result !== null;
    },
  };
}
