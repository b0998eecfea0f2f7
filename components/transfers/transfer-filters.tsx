"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import type { TaskRow, TRANSFER_STATUSES, TransferStatus } from "@/lib/schemas/task.ts";
import type { TransferListQuery } from "@/lib/schemas/task-query.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { SearchField } from "../kit/search-field.tsx";
import { TransferSwatch } from "../status/transfer-status.tsx";

/** How many transfers of a task have a status: the counters know. */
function countOf({ counters }: TaskRow, status: TransferStatus): number {
  switch (status) {
    case "pending":
      return Math.max(
        0,
        counters.total -
          counters.running -
          counters.copied -
          counters.upToDate -
          counters.skipped -
          counters.failed -
          counters.stopped,
      );
    case "up-to-date":
      return counters.upToDate;
    default:
      return counters[status];
  }
}

const CHIPS = [
  "running",
  "failed",
  "copied",
  "up-to-date",
  "skipped",
  "pending",
  "stopped",
] as const satisfies readonly (typeof TRANSFER_STATUSES)[number][];

export function TransferFilters({
  task,
  query,
  search,
  narrow,
}: {
  task: TaskRow;
  query: TransferListQuery;
  search: string;
  /** An aside stands beside the list. */
  narrow: boolean;
}) {
  const t = useTranslations("transfers");
  const status = useTranslations("status.transfer");
  const pathname = usePathname();
  return (
    <div className="flex min-h-[46px] shrink-0 items-center gap-x-3 gap-y-2 px-6 py-2 max-md:flex-wrap max-md:px-4">
      <FilterRow label={t("filter")} narrow={narrow}>
        <FilterChip
          active={!query.status}
          count={task.counters.total}
          href={searchHref(pathname, search, { status: null })}
        >
          {t("all")}
        </FilterChip>
        {CHIPS.map((value) => {
          const count = countOf(task, value);
          return value === "stopped" && count === 0 ? null : (
            <FilterChip
              key={value}
              active={query.status === value}
              count={count}
              icon={<TransferSwatch status={value} />}
              href={searchHref(pathname, search, { status: query.status === value ? null : value })}
            >
              {status(value)}
            </FilterChip>
          );
        })}
      </FilterRow>
      <SearchField
        size="sm"
        label={t("search")}
        className={`ml-auto shrink-0 max-md:w-full ${narrow ? "w-[152px]" : "w-[208px]"}`}
      />
    </div>
  );
}
