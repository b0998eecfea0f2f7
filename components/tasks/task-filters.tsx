"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import { type InstanceName, TASK_STATUSES, TRIGGERS } from "@/lib/schemas/task.ts";
import type { TaskListQuery } from "@/lib/schemas/task-query.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { SearchField } from "../kit/search-field.tsx";
import { InstanceFilter } from "../live/instance-filter.tsx";
import { LinkSelect } from "../live/link-select.tsx";

/** How it was triggered, its status, and a search; all of it lives in the URL. */
export function TaskFilters({
  search,
  query,
  heading,
  instance,
  ofRule,
}: {
  search: string;
  query: TaskListQuery;
  heading?: string | undefined;
  /** The source that is chosen, null: any; absent where there is nothing to choose. */
  instance?: InstanceName | null | undefined;
  /** All of them are of one rule: it is not searched by its name. */
  ofRule: boolean;
}) {
  const t = useTranslations("tasks.filter");
  const status = useTranslations("status");
  const pathname = usePathname();
  return (
    <div className="flex min-h-[52px] shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-6 py-2 max-md:px-4">
      {heading ? <h2 className="mr-2 text-section">{heading}</h2> : null}
      <FilterRow label={t("trigger")}>
        <FilterChip active={!query.trigger} href={searchHref(pathname, search, { trigger: null })}>
          {t("all")}
        </FilterChip>
        {TRIGGERS.map((trigger) => (
          <FilterChip
            key={trigger}
            active={query.trigger === trigger}
            href={searchHref(pathname, search, { trigger: query.trigger === trigger ? null : trigger })}
          >
            {status(`trigger.${trigger}`)}
          </FilterChip>
        ))}
        <FilterChip
          active={query.since !== undefined}
          href={searchHref(pathname, search, { since: query.since ? null : "24h" })}
        >
          {t("lastDay")}
        </FilterChip>
      </FilterRow>
      {instance === undefined ? null : (
        <InstanceFilter param="instance" label={t("instance")} all={t("allInstances")} chosen={instance} />
      )}
      <LinkSelect
        param="status"
        label={t("status")}
        all={t("allStatuses")}
        options={TASK_STATUSES.map((value) => ({ value, label: status(`task.${value}`) }))}
      />
      <SearchField
        size="sm"
        label={t(ofRule ? "searchId" : "search")}
        className="ml-auto w-[220px] max-md:w-full"
      />
    </div>
  );
}
