"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { searchHref } from "@/lib/format/search-href.ts";
import type { NoticeQuery } from "@/lib/schemas/notice.ts";
import { NOTICE_STATES, type NoticeState } from "@/lib/schemas/words.ts";
import { FilterChip, FilterRow } from "../kit/filter-chip.tsx";
import { LinkSelect } from "../live/link-select.tsx";
import { NoticeShape } from "./notice-mark.tsx";

interface DeliveryFiltersProps {
  query: NoticeQuery;
  addresses: readonly { id: string; name: string }[];
}

/** Which address, and what became of it: both in the URL. */
export function DeliveryFilters({ query, addresses }: DeliveryFiltersProps) {
  const t = useTranslations("notices.deliveries");
  const named = useTranslations("notices.state");
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const state = (value: NoticeState | null) => searchHref(pathname, search, { state: value });
  const options = addresses.map(({ id, name }) => ({ value: id, label: name }));
  if (query.address && !addresses.some(({ id }) => id === query.address)) {
    options.push({ value: query.address, label: t("gone") });
  }
  return (
    <div className="flex min-h-[52px] flex-wrap items-center gap-x-3 gap-y-1 border-line border-t px-6 py-2 max-md:px-4">
      <FilterRow label={t("filterState")}>
        <FilterChip href={state(null)} active={!query.state}>
          {t("all")}
        </FilterChip>
        {NOTICE_STATES.map((each) => (
          <FilterChip
            key={each}
            href={state(each)}
            active={query.state === each}
            icon={<NoticeShape state={each} />}
          >
            {named(each)}
          </FilterChip>
        ))}
      </FilterRow>
      <div className="ml-auto max-md:ml-0">
        <LinkSelect param="address" label={t("address")} all={t("any")} options={options} />
      </div>
    </div>
  );
}
