import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { searchHref } from "@/lib/format/search-href.ts";
import type { DeletionList, DeletionListQuery } from "@/lib/schemas/deletion.ts";
import { DELETION_STATES } from "@/lib/schemas/deletion-words.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { DeletionShape } from "./deletion-mark.tsx";

interface DeletionFiltersProps extends Pick<DeletionList, "counts"> {
  query: DeletionListQuery;
  /** Canonical search of `query`. */
  search: string;
  /** Stands at the end of the row. */
  children: ReactNode;
}

/** The states that there are, with their counts; the one that is chosen also where it has become empty. */
export function DeletionFilters({ query, search, counts, children }: DeletionFiltersProps) {
  const t = useTranslations("deletions");
  const pathname = usePathname();
  const shown = DELETION_STATES.filter((state) => counts[state] > 0 || query.state === state);
  return (
    <div className="flex min-h-[46px] shrink-0 items-center gap-x-3 px-6 py-2 max-md:flex-wrap max-md:px-4">
      {/* On a phone a word stays beside the chips; a sentence has a line of its own. */}
      <FilterRow label={t("filter")} className="max-md:grow max-md:basis-56">
        <FilterChip
          active={!query.state}
          count={Object.values(counts).reduce((sum, count) => sum + count, 0)}
          href={searchHref(pathname, search, { state: null })}
        >
          {t("all")}
        </FilterChip>
        {shown.map((state) => (
          <FilterChip
            key={state}
            active={query.state === state}
            count={counts[state]}
            icon={<DeletionShape state={state} />}
            href={searchHref(pathname, search, { state: query.state === state ? null : state })}
          >
            {t(`state.${state}`)}
          </FilterChip>
        ))}
      </FilterRow>
      <span className="ml-auto shrink-0">{children}</span>
    </div>
  );
}
