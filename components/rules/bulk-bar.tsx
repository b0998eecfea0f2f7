"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { formatCount } from "@/lib/format/ratio.ts";
import { BULK_LIMIT } from "@/lib/schemas/words.ts";
import { Button } from "../kit/button.tsx";
import { lazily } from "../kit/lazily.tsx";
import { regainFocus } from "../kit/use-row-keys.ts";
import { useTriggerPreview } from "../preview/use-trigger-preview.tsx";
import { type BulkKind, useBulk } from "./use-bulk.ts";
import type { Selection } from "./use-selection.ts";

const BulkConfirm = lazily(() => import("./bulk-confirm.tsx").then((module) => module.BulkConfirm), {
  layer: true,
});
const BulkRefusals = lazily(() => import("./bulk-refusals.tsx").then((module) => module.BulkRefusals), {
  layer: true,
});

export interface BulkBarProps {
  selection: Selection;
  /** Rows of this page, and rules under the filter on all pages. */
  pageCount: number;
  total: number;
  may: { operate: boolean; manage: boolean };
  /** Of the rules of this page that are selected. */
  names: readonly string[];
}

/** The footer while rows are selected: how many, what can be done with them, and the way to all of them. */
export function BulkBar({ selection, pageCount, total, may, names }: BulkBarProps) {
  const t = useTranslations("rules");
  const bulk = useBulk(selection);
  const [asking, setAsking] = useState<BulkKind | null>(null);
  const count = selection.all ? total : selection.ids.length;
  const look = useTriggerPreview(selection.ids, async () => void (await bulk.run("trigger")));
  // Rows that one sees are acted on at once, unless a trigger would move very much; what lies on other pages, and what is deleted, is
  // counted first. How a verification goes is chosen first.
  const start = (kind: BulkKind) => {
    if (kind === "delete" || kind === "verify" || selection.all) {
      setAsking(kind);
    } else {
      void (kind === "trigger" ? look.begin() : bulk.run(kind));
    }
  };
  useFocusAfter(selection, count);
  const needsOperate = may.operate ? null : t("needsOperate");
  return (
    <>
      {look.question}
      {count > 0 ? (
        <div className="flex flex-wrap items-center gap-2">
          <Selected selection={selection} count={count} pageCount={pageCount} total={total} />
          <Button
            variant="primary"
            size="sm"
            busy={bulk.busy === "trigger" || look.counting}
            busyLabel={t("triggering")}
            disabledReason={needsOperate}
            onClick={() => start("trigger")}
          >
            {t("trigger")}
          </Button>
          <Button
            size="sm"
            busy={bulk.busy === "verify"}
            disabledReason={needsOperate}
            onClick={() => start("verify")}
          >
            {t("bulk.verify")}
          </Button>
          <Button
            size="sm"
            busy={bulk.busy === "switch"}
            disabledReason={needsOperate}
            onClick={() => start("enable")}
          >
            {t("bulk.enable")}
          </Button>
          <Button
            size="sm"
            busy={bulk.busy === "switch"}
            disabledReason={needsOperate}
            onClick={() => start("disable")}
          >
            {t("bulk.disable")}
          </Button>
          <Button
            variant="danger"
            size="sm"
            busy={bulk.busy === "delete"}
            disabledReason={may.manage ? null : t("needsManage")}
            onClick={() => start("delete")}
          >
            {t("remove")}
          </Button>
          <Button variant="quiet" size="sm" onClick={selection.clear}>
            {t("bulk.clear")}
            <kbd
              aria-hidden
              className="rounded-[3px] px-1 font-normal text-ink-3 text-micro shadow-[inset_0_0_0_1px_var(--line-strong)]"
            >
              {"Esc"}
            </kbd>
          </Button>
        </div>
      ) : null}
      {asking ? (
        <BulkConfirm
          kind={asking}
          count={count}
          names={names}
          selection={selection}
          bulk={bulk}
          onClose={() => setAsking(null)}
        />
      ) : null}
      {bulk.refusals ? <BulkRefusals {...bulk.refusals} onClose={bulk.closeRefusals} /> : null}
    </>
  );
}

/** The bar is gone with the selection, and the focus with it: the first row that was selected gets it. */
function useFocusAfter({ ids }: Selection, count: number): void {
  const [first] = ids;
  const selected = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (count === 0 && selected.current !== undefined) {
      regainFocus(selected.current);
    }
    selected.current = count > 0 ? (first ?? "") : undefined;
  }, [count, first]);
}

function Selected({
  selection,
  count,
  pageCount,
  total,
}: Omit<BulkBarProps, "may" | "names"> & { count: number }) {
  const t = useTranslations("rules.bulk");
  const more = !selection.all && selection.ids.length === pageCount && total > pageCount;
  return (
    <span role="status" className="mr-2 flex items-center gap-2">
      <span className="text-ink">{t("selected", { n: formatCount(count) })}</span>
      {more && total <= BULK_LIMIT ? (
        <button type="button" onClick={selection.selectAll} className="link min-h-6 max-md:min-h-11">
          {t("selectAll", { n: formatCount(total) })}
        </button>
      ) : null}
      {more && total > BULK_LIMIT ? (
        <span className="text-ink-3">{t("tooMany", { limit: formatCount(BULK_LIMIT) })}</span>
      ) : null}
    </span>
  );
}
