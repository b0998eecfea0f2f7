"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { BulkImpact } from "@/lib/schemas/rule-bulk.ts";
import type { VerifyDepth } from "@/lib/schemas/verify-words.ts";
import { ConfirmDialog, TypeNameDialog } from "../kit/dialog.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { DepthChoice } from "../verify/depth-choice.tsx";
import type { Bulk, BulkKind } from "./use-bulk.ts";
import type { Selection } from "./use-selection.ts";

interface BulkConfirmProps {
  kind: BulkKind;
  count: number;
  /** Of those on this page. */
  names: readonly string[];
  selection: Selection;
  bulk: Bulk;
  onClose: () => void;
}

/** Counts what a bulk action meets before it runs; to verify, how is chosen; to delete, the number of rules has to be typed. */
export function BulkConfirm({ kind, count, names, selection, bulk, onClose }: BulkConfirmProps) {
  const t = useTranslations("rules.bulk");
  const [depth, setDepth] = useState<VerifyDepth>("shallow");
  const asked = JSON.stringify(selection.input());
  const { data: impact, isError: uncounted } = useQuery({
    queryKey: ["impact", asked],
    queryFn: ({ signal }) =>
      fetchJson<BulkImpact>(`/api/rules/impact?selection=${encodeURIComponent(asked)}`, signal),
    staleTime: 0,
  });
  const n = formatCount(count);
  const run = async () => {
    if (await bulk.run(kind, { depth, confirmCount: count })) {
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
        description={
          <>
            <RuleNames names={names} count={count} />
            <DeleteImpact impact={impact} uncounted={uncounted} />
          </>
        }
        name={String(count)}
        inputLabel={t("confirm.delete.input", { n: String(count) })}
        nameInLabel
        confirmLabel={t(stops ? "confirm.delete.stopping" : "confirm.delete.action", { n })}
        onConfirm={() => void run()}
      />
    );
  }
  return (
    <ConfirmDialog
      {...shared}
      description={
        impact === undefined ? (
          t(uncounted ? "uncounted" : "counting")
        ) : (
          <>
            {t(`confirm.${kind}.body`)}
            {(kind === "trigger" || kind === "verify") && impact.disabled > 0
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
    >
      {kind === "verify" ? <DepthChoice value={depth} onChange={setDepth} /> : null}
    </ConfirmDialog>
  );
}

const NAMED = 5;

/** Which rules go, the first of many by name. */
function RuleNames({ names, count }: Pick<BulkConfirmProps, "names" | "count">) {
  const t = useTranslations("rules.bulk.confirm.delete");
  const locale = useLocale() as Locale;
  const named = names.slice(0, NAMED);
  const more = count - named.length;
  return named.length === 0 ? null : (
    <span className="mb-1 block font-medium text-ink wrap-anywhere">
      {joinList(named, locale)}
      {more > 0 ? t("more", { n: formatCount(more) }) : null}
    </span>
  );
}

function DeleteImpact({ impact, uncounted }: { impact: BulkImpact | undefined; uncounted: boolean }) {
  const t = useTranslations("rules.bulk");
  const one = useTranslations("rules.delete");
  if (impact === undefined) {
    return t(uncounted ? "uncounted" : "counting");
  }
  return (
    <>
      {impact.openTasks > 0 ? one("openTasks", { n: formatCount(impact.openTasks) }) : null}
      {one("tasks", { n: formatCount(impact.tasks) })}
      {t("confirm.delete.images")}
    </>
  );
}
