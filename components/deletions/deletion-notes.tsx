"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import { formatSaid } from "@/lib/format/time.ts";
import type { DeletionSweep } from "@/lib/schemas/deletion.ts";
import type { RuleRow } from "@/lib/schemas/rule.ts";
import { Button } from "../kit/button.tsx";
import { Note } from "../kit/note.tsx";
import { useTimeStyle } from "../kit/relative-time.tsx";
import type { Decide } from "./use-decision.ts";

const BAND = "px-6 pt-3 max-md:px-4";

/** What the last comparison said; one that counted for nothing says why. */
export function SweepNote({ sweep }: { sweep: DeletionSweep }) {
  const t = useTranslations("deletions.sweep");
  const style = useTimeStyle();
  const sentence = t(sweep.outcome, {
    at: formatSaid(sweep.at, style),
    known: formatCount(sweep.known),
    missing: formatCount(sweep.missing),
  });
  return (
    <div className={BAND}>
      {sweep.outcome === "counted" || sweep.outcome === "held" ? (
        <p suppressHydrationWarning className="text-ink-3 text-meta">
          {sentence}
        </p>
      ) : (
        <Note tone="gamboge">
          <span suppressHydrationWarning>{sentence}</span>
        </Note>
      )}
    </div>
  );
}

interface HeldNoteProps {
  rule: Pick<RuleRow, "may">;
  held: number;
  busy: boolean;
  decide: Decide;
}

/** Too much at once: nothing goes before a person has said so. */
export function HeldNote({ rule, held, busy, decide }: HeldNoteProps) {
  const t = useTranslations("deletions");
  return (
    <div className={BAND}>
      <Note tone="gamboge">
        <strong className="mr-1 font-medium text-ink">{t("heldTitle", { n: held })}</strong>
        {t("heldBody")}
        <span className="mt-2 flex flex-wrap gap-2">
          <Button
            size="sm"
            busy={busy}
            disabledReason={rule.may.operate ? null : t("needs.operate")}
            onClick={() => decide("keep", { state: "held" }, "")}
          >
            {t("action.keepAll", { n: held })}
          </Button>
          <Button
            size="sm"
            variant="danger"
            busy={busy}
            disabledReason={rule.may.manage ? null : t("needs.manage")}
            onClick={() => decide("confirm", { state: "held" }, t("confirmTitle", { n: held }))}
          >
            {t("action.confirmAll", { n: held })}
          </Button>
        </span>
      </Note>
    </div>
  );
}
