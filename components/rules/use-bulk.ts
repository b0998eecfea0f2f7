"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import {
  deleteRulesAction,
  setRulesEnabledAction,
  triggerRulesAction,
  verifyRulesAction,
} from "@/lib/actions/rules.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { BulkResult } from "@/lib/schemas/rule-bulk.ts";
import type { VerifyDepth } from "@/lib/schemas/verify-words.ts";
import { showToast } from "../kit/toast.tsx";
import { useQueryClient } from "../live/query.tsx";
import { useAction } from "../live/use-action.ts";
import type { Selection } from "./use-selection.ts";

export type BulkKind = "trigger" | "verify" | "enable" | "disable" | "delete";

/** What a person chose or typed for it. */
interface BulkChoice {
  depth?: VerifyDepth;
  confirmCount?: number;
}

/** What starts tasks, which every list shows. */
const STARTS: ReadonlySet<BulkKind> = new Set(["trigger", "verify"]);

/** Runs a bulk action on the selection, says what came of it, and keeps what was refused for the dialog that lists it. */
export function useBulk(selection: Selection) {
  const t = useTranslations("rules.bulk");
  const client = useQueryClient();
  const [refusals, setRefusals] = useState<{ kind: BulkKind; result: BulkResult } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const trigger = useAction(triggerRulesAction);
  const verify = useAction(verifyRulesAction);
  const enable = useAction(setRulesEnabledAction);
  const remove = useAction(deleteRulesAction, (_answer, sentence) => setFailure(sentence));

  const ask = (kind: BulkKind, { depth, confirmCount }: BulkChoice): Promise<BulkResult | null> => {
    const input = { selection: selection.input() };
    switch (kind) {
      case "trigger":
        return trigger.run(input);
      case "verify":
        return verify.run({ ...input, depth });
      case "delete":
        return remove.run({ ...input, confirmCount });
      default:
        return enable.run({ ...input, enabled: kind === "enable" });
    }
  };
  const run = async (kind: BulkKind, choice: BulkChoice = {}): Promise<boolean> => {
    setFailure(null);
    const result = await ask(kind, choice);
    if (result === null) {
      return false;
    }
    const refused = result.refused.length;
    showToast({
      tone: result.done === 0 && refused > 0 ? "failed" : STARTS.has(kind) ? "started" : "success",
      message: t(refused > 0 ? `partly.${kind}` : `done.${kind}`, {
        n: formatCount(result.done),
        refused: formatCount(refused),
      }),
    });
    setRefusals(refused > 0 ? { kind, result } : null);
    selection.clear();
    await client.invalidateQueries({ queryKey: STARTS.has(kind) ? undefined : ["rules"] });
    return true;
  };
  return {
    run,
    busy: trigger.busy
      ? "trigger"
      : verify.busy
        ? "verify"
        : enable.busy
          ? "switch"
          : remove.busy
            ? "delete"
            : null,
    failure,
    clearFailure: () => setFailure(null),
    refusals,
    closeRefusals: () => setRefusals(null),
  };
}

export type Bulk = ReturnType<typeof useBulk>;
