"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { keepingPage } from "@/lib/format/search-href.ts";
import type { Page, TaskRow } from "@/lib/schemas/task.ts";
import type { Neighbours, TransferRow } from "@/lib/schemas/transfer.ts";
import { Aside } from "../kit/aside.tsx";
import { Button } from "../kit/button.tsx";
import { useShortcuts } from "../kit/shortcuts.tsx";
import { TextLink } from "../kit/text-action.tsx";
import type { Ends } from "./failure-context.ts";
import { TransferDetail } from "./transfer-detail.tsx";
import { useTransfers } from "./use-transfers.ts";

interface TransferAsideProps {
  task: TaskRow;
  transfer: TransferRow;
  transfers: Page<TransferRow>;
  /** The failed ones before and after it; null for one that did not fail. */
  neighbours: Neighbours | null;
  apiSearch: string;
  search: string;
  ends: Ends;
}

/** One transfer beside the list. It is open as long as the URL names it; `[` and `]` lead from failure to failure. */
export function TransferAside({
  task,
  transfer,
  transfers,
  neighbours,
  apiSearch,
  search,
  ends,
}: TransferAsideProps) {
  const t = useTranslations("transfers");
  const router = useRouter();
  // The list keeps its rows fresh; the one that is open here is read along with it.
  const { data: page } = useTransfers(task, { apiSearch, initial: transfers });
  const fresh = page.rows.find(({ id }) => id === transfer.id) ?? transfer;
  const open = (id: string | null) =>
    router.push(keepingPage(`/tasks/${task.id}`, search, { transfer: id }), { scroll: false });
  const close = () => {
    open(null);
    focusRow(transfer.id);
  };
  const { previous = null, next = null } = neighbours ?? {};
  useShortcuts([
    { keys: "Escape", label: t("close"), group: "page", run: close },
    {
      keys: "[",
      label: t("previousFailure"),
      group: "page",
      inDialogs: true,
      when: previous !== null,
      run: () => open(previous),
    },
    {
      keys: "]",
      label: t("nextFailure"),
      group: "page",
      inDialogs: true,
      when: next !== null,
      run: () => open(next),
    },
  ]);
  return (
    <Aside title={t("aside")} width={416} onClose={close}>
      <TransferDetail key={transfer.id} task={task} transfer={fresh} ends={ends} />
      <div className="mt-4 flex items-center gap-2">
        <TextLink href={`/transfers/${transfer.id}`}>{t("ownPage")}</TextLink>
        {previous === null && next === null ? null : (
          <span className="ml-auto flex gap-1">
            <Button
              size="sm"
              variant="quiet"
              icon={<ChevronLeft aria-hidden />}
              aria-label={t("previousFailure")}
              aria-keyshortcuts="["
              disabledReason={previous === null ? t("noPrevious") : null}
              onClick={() => open(previous)}
            />
            <Button
              size="sm"
              variant="quiet"
              icon={<ChevronRight aria-hidden />}
              aria-label={t("nextFailure")}
              aria-keyshortcuts="]"
              disabledReason={next === null ? t("noNext") : null}
              onClick={() => open(next)}
            />
          </span>
        )}
      </div>
    </Aside>
  );
}

/** Back to the row that the aside told of; or to the list, where the row is on another page of it. */
function focusRow(id: string): void {
  const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] a`);
  (row ?? document.getElementById("transfers"))?.focus({ preventScroll: row === null });
}
