"use client";

import { useTranslations } from "next-intl";
import { formatCount } from "@/lib/format/ratio.ts";
import type { BulkImpact } from "@/lib/schemas/rule-bulk.ts";
import { ConfirmDialog, TypeNameDialog } from "../kit/dialog.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import type { Bulk, BulkKind } from "./use-bulk.ts";
import type { Selection } from "./use-selection.ts";

interface BulkConfirmProps {
  kind: BulkKind;
  count: number;
  selection: Selection;
  bulk: Bulk;
  onClose: () => void;
}

/** Counts what a bulk action meets before it runs; to delete, the number of rules has to be typed. */
export function BulkConfirm({ kind, count, selection, bulk, onClose }: BulkConfirmProps) {
  const t = useTranslations("rules.bulk");
  const asked = JSON.stringify(selection.input());
  const { data: impact } = useQuery({
    queryKey: ["impact", asked],
    queryFn: ({ signal }) =>
      fetchJson<BulkImpact>(`/api/rules/impact?selection=${encodeURIComponent(asked)}`, signal),
    staleTime: 0,
  });
  const n = formatCount(count);
  const run = async (confirmCount?: number) => {
    if (await bulk.run(kind, confirmCount)) {
      onClose();
    }
  };
  const shared = {
    open: true,
    onOpenChange: () => {
      bulk.clearFailure();
      onClose();
    },
    title: t(`confirm.${kind}.title`, { n }),
    busy: bulk.busy !== null,
    error: bulk.failure,
  };
  if (kind === "delete") {
    const stops = impact !== undefined && impact.openTasks > 0;
    return (
      <TypeNameDialog
        {...shared}
        description={<DeleteImpact impact={impact} />}
        name={String(count)}
        inputLabel={t("confirm.delete.input", { n: String(count) })}
        confirmLabel={t(stops ? "confirm.delete.stopping" : "confirm.delete.action", { n })}
        onConfirm={() => void run(count)}
      />
    );
  }
  return (
    <ConfirmDialog
      {...shared}
      description={
        impact === undefined ? (
          t("counting")
        ) : (
          <>
            {t(`confirm.${kind}.body`)}
            {kind === "trigger" && impact.disabled > 0
              ? t("confirm.trigger.disabled", { n: formatCount(impact.disabled) })
              : null}
            {kind !== "enable" && impact.openTasks > 0
              ? t(`confirm.${kind}.open`, { n: formatCount(impact.openTasks) })
              : null}
          </>
        )
      }
      confirmLabel={t(`confirm.${kind}.action`, { n })}
      onConfirm={() => void run()}
    />
  );
}

function DeleteImpact({ impact }: { impact: BulkImpact | undefined }) {
  const t = useTranslations("rules.bulk");
  const one = useTranslations("rules.delete");
  if (impact === undefined) {
    return t("counting");
  }
  return (
    <>
      {impact.openTasks > 0 ? one("openTasks", { n: formatCount(impact.openTasks) }) : null}
      {one("tasks", { n: formatCount(impact.tasks) })}
      {t("confirm.delete.images")}
    </>
  );
}
