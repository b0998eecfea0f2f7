"use client";

import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import type { RuleListQuery } from "@/lib/schemas/rule.ts";
import type { InstanceName } from "@/lib/schemas/task.ts";
import { RESOURCE_TYPES, type RuleColumn } from "@/lib/schemas/words.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { SearchField } from "../kit/search-field.tsx";
import { InstanceFilter } from "../live/instance-filter.tsx";
import { LinkSelect } from "../live/link-select.tsx";
import { TaskStatusIcon } from "../status/task-status.tsx";
import { ColumnChooser } from "./column-chooser.tsx";
import type { RuleCounts } from "./rule-page.ts";

const STATES = [
  { state: "active", count: "active", icon: "running" },
  { state: "failed", count: "failed", icon: "failed" },
  { state: "partial", count: "partial", icon: "partial" },
  { state: "nothing-matched", count: "nothingMatched", icon: "nothing-matched" },
  { state: "disabled", count: "disabled", icon: null },
] as const;

interface RuleFiltersProps {
  counts: RuleCounts;
  search: string;
  query: RuleListQuery;
  target: InstanceName | null;
  columns: readonly RuleColumn[];
}

/** Search, states with their counts, target and type; all of it lives in the URL. */
export function RuleFilters({ counts, search, query, target, columns }: RuleFiltersProps) {
  const t = useTranslations("rules");
  return (
    <div className="flex min-h-[52px] shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-6 py-2 max-md:px-4">
      <SearchField size="sm" label={t("search")} className="w-[236px] max-xl:w-40 max-md:w-full" />
      <FilterRow label={t("filter.state")} className="md:max-xl:order-2 md:max-xl:w-full">
        <FilterChip
          active={!query.state}
          count={counts.all}
          href={searchHref("/rules", search, { state: null })}
        >
          {t("state.all")}
        </FilterChip>
        {STATES.map(({ state, count, icon }) => (
          <FilterChip
            key={state}
            active={query.state === state}
            count={counts[count]}
            icon={icon ? <TaskStatusIcon status={icon} /> : null}
            href={searchHref("/rules", search, { state: query.state === state ? null : state })}
          >
            {t(`state.${state}`)}
          </FilterChip>
        ))}
      </FilterRow>
      <div className="ml-auto flex items-center gap-2 md:max-xl:order-1 max-md:ml-0 max-md:w-full max-md:[&>*]:min-w-0">
        <InstanceFilter
          param="target"
          label={t("column.target")}
          all={t("filter.allTargets")}
          chosen={target}
          except={query.instance}
        />
        <LinkSelect
          param="type"
          label={t("column.type")}
          all={t("filter.allTypes")}
          options={RESOURCE_TYPES.map((type) => ({
            value: type,
            label: t(type === "all" ? "type.both" : `type.${type}`),
          }))}
        />
        <span className="max-md:hidden">
          <ColumnChooser shown={columns} search={search} />
        </span>
      </div>
    </div>
  );
}
