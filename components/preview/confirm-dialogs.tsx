"use client";

import { useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes.ts";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { ConfirmDialog } from "../kit/dialog.tsx";
import { isLarge, movesOf } from "./preview-state.ts";

interface ConfirmProps {
  open: boolean;
  totals: PreviewTotals | null;
  /** The estimated time in words, where there is something to estimate from. */
  time?: string | null;
  onAnswer: (yes: boolean) => void;
}

/** Asked when a rule is saved that will replace content at its targets. */
export function OverwriteDialog({ open, totals, onAnswer }: ConfirmProps) {
  const t = useTranslations("preview.confirm");
  const n = totals?.verdicts.overwrite ?? 0;
  const certain = totals?.tags.complete && totals.verdicts.unknown === 0;
  const title = n === 0 ? "overwriteTitleUnknown" : certain ? "overwriteTitle" : "overwriteTitleAtLeast";
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => next || onAnswer(false)}
      title={t(title, { n })}
      description={
        <>
          {t("overwriteBody")}
          {isLarge(totals) ? <Much totals={totals} /> : null}
        </>
      }
      confirmLabel={t("overwrite")}
      cancelLabel={t("back")}
      tone="danger"
      onConfirm={() => onAnswer(true)}
    />
  );
}

/** How much will be moved besides. */
function Much({ totals }: { totals: PreviewTotals | null }) {
  const t = useTranslations("preview.confirm");
  const n = movesOf(totals);
  return (
    <p>
      {t("overwriteMuch", {
        title: t(totals?.tags.complete ? "largeTitle" : "largeTitleAtLeast", { n }),
        size: formatBytes(totals?.bytes.toMove ?? 0),
      })}
    </p>
  );
}

/** Asked before very much is moved at once. */
export function LargeDialog({ open, totals, time = null, onAnswer }: ConfirmProps) {
  const t = useTranslations("preview.confirm");
  const n = movesOf(totals);
  const size = formatBytes(totals?.bytes.toMove ?? 0);
  const overwrites = totals?.verdicts.overwrite ?? 0;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => next || onAnswer(false)}
      title={t(totals?.tags.complete ? "largeTitle" : "largeTitleAtLeast", { n })}
      description={
        <>
          {time === null ? t("size", { size }) : t("sizeAndTime", { size, time })}{" "}
          {overwrites > 0 ? t("overwrites", { n: overwrites }) : null}
        </>
      }
      confirmLabel={t("start")}
      cancelLabel={t("notNow")}
      onConfirm={() => onAnswer(true)}
    />
  );
}
