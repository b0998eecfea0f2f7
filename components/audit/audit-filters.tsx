"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import type { AuditListQuery, AuditOutcome } from "@/lib/schemas/user.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { SearchField } from "../kit/search-field.tsx";
import { LinkSelect } from "../live/link-select.tsx";
import { OutcomeShape } from "./audit-table.tsx";
import { useActionName } from "./use-action-name.ts";

interface AuditFiltersProps {
  query: AuditListQuery;
  actors: readonly string[];
  actions: readonly string[];
}

const OUTCOMES = ["ok", "denied", "invalid"] as const satisfies readonly AuditOutcome[];
const SINCE = ["hour", "day", "week", "month"] as const;

/** Who, what, how it ended, when: all of it in the URL. */
export function AuditFilters({ query, actors, actions }: AuditFiltersProps) {
  const t = useTranslations("audit");
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const nameOf = useActionName();
  const outcome = (value: AuditOutcome | null) => searchHref(pathname, search, { outcome: value });
  return (
    <div className="flex min-h-[52px] flex-wrap items-center gap-x-3 gap-y-1 border-line border-t px-6 py-2 max-md:px-4">
      <SearchField size="sm" label={t("search")} className="w-60 max-md:w-full" />
      <FilterRow label={t("outcome")}>
        <FilterChip href={outcome(null)} active={!query.outcome}>
          {t("all")}
        </FilterChip>
        {OUTCOMES.map((each) => (
          <FilterChip
            key={each}
            href={outcome(each)}
            active={query.outcome === each}
            icon={<OutcomeShape outcome={each} />}
          >
            {t(`outcomes.${each}`)}
          </FilterChip>
        ))}
      </FilterRow>
      <div className="ml-auto flex flex-wrap gap-2 max-md:ml-0">
        <LinkSelect
          param="actor"
          label={t("filter.actor")}
          all={t("filter.anyActor")}
          options={withChosen(actors, query.actor).map((name) => ({ value: name, label: name }))}
        />
        <LinkSelect
          param="action"
          label={t("filter.action")}
          all={t("filter.anyAction")}
          options={withChosen(actions, query.action).map((name) => ({ value: name, label: nameOf(name) }))}
        />
        <LinkSelect
          param="since"
          label={t("filter.since")}
          all={t("filter.anyTime")}
          options={SINCE.map((name) => ({ value: name, label: t(`filter.${name}`) }))}
        />
      </div>
    </div>
  );
}

/** What the URL asks for is a choice, also when nothing of it happened lately. */
function withChosen(names: readonly string[], chosen: string | undefined): readonly string[] {
  return chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
}
