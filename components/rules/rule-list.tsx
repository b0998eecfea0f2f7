"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { searchHref } from "@/lib/format/search-href.ts";
import type { TextOf } from "@/lib/format/text-of.ts";
import type { RuleListQuery } from "@/lib/schemas/rule.ts";
import type { InstanceName } from "@/lib/schemas/task.ts";
import { FilteredEmpty } from "../kit/filtered-empty.tsx";
import { lazily } from "../kit/lazily.tsx";
import { Pager } from "../kit/pager.tsx";
import { useShortcuts } from "../kit/shortcuts.tsx";
import { Body, Table } from "../kit/table.tsx";
import { useRowKeys } from "../kit/use-row-keys.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useText } from "../live/use-text.ts";
import type { BulkBarProps } from "./bulk-bar.tsx";
import { columnClasses, columnsOf } from "./rule-columns.ts";
import { RuleFilters } from "./rule-filters.tsx";
import { RuleHead } from "./rule-head.tsx";
import type { RulePage } from "./rule-page.ts";
import { RuleTableRow, SelectBox } from "./rule-table-row.tsx";
import { useRuleRefetch } from "./use-rule-refetch.ts";
import { type Selection, useSelection } from "./use-selection.ts";

const BulkBar = lazily(() => import("./bulk-bar.tsx").then((module) => module.BulkBar));

interface RuleListProps {
  query: RuleListQuery;
  /** Everything that the URL says, in its canonical form; links change a part of it. */
  search: string;
  /** The same without what only the page needs: key of the cache and of the route. */
  apiSearch: string;
  initial: TextOf<RulePage>;
  /** The target that the URL asks for, as far as the viewer may know it. */
  target: InstanceName | null;
}

/** The rules of one instance, or those that point at it, kept fresh by the event stream. */
export function RuleList({ query, search, apiSearch, initial, target }: RuleListProps) {
  const t = useTranslations("rules");
  const list = useRules(apiSearch, useText(initial));
  const { rows, counts } = list.data;
  const columns = columnsOf(query.columns);
  const selection = useSelection(rows, query, apiSearch);
  const { rowProps } = useRowKeys({
    rows,
    select: (ids, range) => (range ? selection.add(ids) : selection.toggle(ids[0] ?? "", false)),
    actions: [
      { keys: "t", label: t("trigger") },
      { keys: "e", label: t("configure") },
    ],
  });
  return (
    <>
      <RuleFilters counts={counts} search={search} query={query} target={target} columns={columns} />
      <LoadFailed query={list} title={t("loadFailed")} />
      <div className="min-h-0 flex-1">
        <Table
          caption={t(query.view === "incoming" ? "captionIncoming" : "caption")}
          columns={columnClasses(columns)}
        >
          <RuleHead query={query} search={search} columns={columns}>
            {rows.length === 0 ? (
              <span className="sr-only">{t("bulk.selectPage")}</span>
            ) : (
              <SelectPage selection={selection} />
            )}
          </RuleHead>
          <Body>
            {rows.map((rule) => (
              <RuleTableRow
                key={rule.id}
                rule={rule}
                columns={columns}
                incoming={query.view === "incoming"}
                selection={selection}
                keys={rowProps(rule.id)}
              />
            ))}
          </Body>
        </Table>
        {rows.length === 0 ? <NothingFound query={query} target={target} /> : null}
      </div>
      <RuleFooter page={list.data} query={query} selection={selection} />
    </>
  );
}

function SelectPage({ selection }: { selection: Selection }) {
  const t = useTranslations("rules");
  const some = selection.all || selection.ids.length > 0;
  return (
    <SelectBox
      label={t("bulk.selectPage")}
      checked={selection.pageSelected ? true : some ? "indeterminate" : false}
      onToggle={selection.togglePage}
    />
  );
}

function RuleFooter({
  page,
  query,
  selection,
}: {
  page: RulePage;
  query: RuleListQuery;
  selection: Selection;
}) {
  const t = useTranslations("rules");
  const { rows, counts, next, previous } = page;
  const total = query.state
    ? counts[query.state === "nothing-matched" ? "nothingMatched" : query.state]
    : counts.all;
  const selecting = selection.all || selection.ids.length > 0;
  // Here and not in the bar, which may still be on its way when it is pressed.
  useShortcuts([
    { keys: "Escape", label: t("bulk.clear"), group: "list", run: selection.clear, when: selecting },
  ]);
  return (
    <div className="border-line border-t bg-surface md:sticky md:bottom-0 md:z-10 md:min-h-[52px]">
      <Pager next={next} previous={previous} size={query.size}>
        <WhenSelected
          selecting={selecting}
          selection={selection}
          pageCount={rows.length}
          total={total}
          names={rows.filter(({ id }) => selection.has(id)).map(({ name }) => name)}
          may={{
            operate: rows.some(({ may }) => may.operate),
            manage: rows.some(({ may }) => may.manage),
          }}
        />
        {selecting ? null : t("count", { n: formatCount(total) })}
      </Pager>
    </div>
  );
}

/** It stays once it was needed: what it asks and tells outlives the selection. */
function WhenSelected({ selecting, ...bar }: BulkBarProps & { selecting: boolean }) {
  const [needed, setNeeded] = useState(selecting);
  if (selecting && !needed) {
    setNeeded(true);
  }
  return needed ? <BulkBar {...bar} /> : null;
}

function useRules(search: string, initial: RulePage) {
  const refetchInterval = useRuleRefetch(initial.rows);
  return useQuery({
    queryKey: queryKeys.rules(search),
    queryFn: ({ signal }) => fetchJson<RulePage>(`/api/rules?${search}`, signal),
    initialData: initial,
    refetchInterval,
  });
}

/** Filtered to nothing: the filters in words, and the way out. */
function NothingFound({ query, target }: { query: RuleListQuery; target: InstanceName | null }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("rules");
  const words = [
    query.q ? t("filter.q", { q: query.q }) : null,
    query.state ? t(`state.${query.state}`) : null,
    query.target ? t("filter.target", { name: target?.name ?? "" }) : null,
    query.type ? t(`type.${query.type}`) : null,
  ].filter((word) => word !== null);
  const cleared = searchHref("/rules", "", {
    instance: query.instance ?? null,
    view: query.view === "rules" ? null : query.view,
    columns: query.columns ?? null,
  });
  return words.length === 0 ? (
    <p className="px-6 py-5 text-ink-2 max-md:px-4">
      {t(query.view === "incoming" ? "noneIncoming" : "noneOnPage")}
    </p>
  ) : (
    <FilteredEmpty clearLabel={t("clearFilters")} clearHref={cleared}>
      {t("noMatch", { filters: joinList(words, locale) })}
    </FilteredEmpty>
  );
}
