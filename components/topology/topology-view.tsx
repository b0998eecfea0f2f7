"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Page } from "@/lib/schemas/task.ts";
import type { TopologyGraph, TopologyNode, TopologyRow } from "@/lib/schemas/topology.ts";
import { PageHead } from "../kit/page-head.tsx";
import { Pager } from "../kit/pager.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { LiveMark } from "../live/live-mark.tsx";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { type ChosenFilter, FilterBar } from "./filter-bar.tsx";
import { GraphFrame } from "./graph-frame.tsx";
import { Legend } from "./legend.tsx";
import { rowSearchOf, type Selection, select, selectionOf } from "./selection.ts";
import { TopologyTable } from "./topology-table.tsx";
import { useNodeName } from "./use-words.ts";

interface TopologyViewProps {
  graph: TopologyGraph;
  rows: Page<TopologyRow>;
  /** What the two were read for. */
  region: string;
  search: string;
  size: number;
}

/** Who feeds whom, as a drawing and as a table; what is chosen in one is chosen in the other, and stands in the URL. */
export function TopologyView(initial: TopologyViewProps) {
  const t = useTranslations("topology");
  const params = useSearchParams();
  const search = params.toString();
  const selection = selectionOf(params);
  const graph = useGraph(selection.region ?? "", initial);
  const rows = useRows(rowSearchOf(params), initial);
  const filters = useFilters(selection, graph.data.nodes, search);
  const marked = rows.data.rows.find(({ id }) => id === selection.row);
  return (
    <>
      <PageHead
        line={selection.view === "table"}
        title={t("title")}
        beside={
          <span className="text-ink-3">
            {t("summary", {
              instances: graph.data.instances,
              rules: graph.data.rules,
              enabled: graph.data.enabledRules,
            })}
          </span>
        }
        actions={
          <>
            <LiveMark updatedAt={graph.dataUpdatedAt} failing={graph.isError || rows.isError} />
            <Legend
              edges={graph.data.edges}
              state={selection.state}
              onState={(state) => select(search, { state, row: null })}
            />
            <Segmented
              label={t("view.label")}
              value={selection.view}
              onValueChange={(view) => select(search, { view: view === "both" ? null : view })}
              options={[
                { value: "both", label: t("view.both") },
                { value: "table", label: t("view.table") },
              ]}
            />
          </>
        }
      />
      <LoadFailed query={graph.isError ? graph : rows} title={t("loadFailed")} />
      <div className="flex flex-1 flex-col">
        {selection.view === "both" ? (
          <Drawn graph={graph.data} selection={selection} search={search} marked={marked} />
        ) : null}
        <div className="flex flex-1 flex-col">
          <FilterBar filters={filters} note={selection.view === "both"} />
          <div className="flex-1">
            <TopologyTable
              rows={rows.data.rows}
              marked={selection.row}
              onMark={(row) => select(search, { row })}
            />
            {rows.data.rows.length === 0 ? <NothingFound filters={filters} /> : null}
          </div>
          <Pager next={rows.data.next} previous={rows.data.previous} size={initial.size}>
            {filters.length === 0 ? t("table.count", { rules: graph.data.rules }) : null}
          </Pager>
        </div>
      </div>
    </>
  );
}

function useGraph(region: string, initial: TopologyViewProps) {
  const moving = initial.graph.edges.some(({ state }) => state === "active");
  return useQuery({
    queryKey: queryKeys.topology(region),
    queryFn: ({ signal }) =>
      fetchJson<TopologyGraph>(`/api/topology?${new URLSearchParams(region ? { region } : {})}`, signal),
    // Of another region the drawing stays as it is until the other one is here.
    placeholderData: (previous: TopologyGraph | undefined) => previous ?? initial.graph,
    ...(region === initial.region ? { initialData: initial.graph } : {}),
    refetchInterval: useRefetchInterval(moving),
  }) as LoadedQuery<TopologyGraph>;
}

/** There is always something to show: what the page came with, or what was shown before. */
type LoadedQuery<Data> = ReturnType<typeof useQuery<Data>> & { data: Data };

function useRows(search: string, initial: TopologyViewProps) {
  const moving = initial.rows.rows.some(({ state }) => state === "active");
  return useQuery({
    queryKey: queryKeys.topologyRows(search),
    queryFn: ({ signal }) => fetchJson<Page<TopologyRow>>(`/api/topology/rules?${search}`, signal),
    placeholderData: (previous: Page<TopologyRow> | undefined) => previous ?? initial.rows,
    ...(search === initial.search ? { initialData: initial.rows } : {}),
    refetchInterval: useRefetchInterval(moving),
  }) as LoadedQuery<Page<TopologyRow>>;
}

function Drawn({
  graph,
  selection,
  search,
  marked,
}: {
  graph: TopologyGraph;
  selection: Selection;
  search: string;
  marked: TopologyRow | undefined;
}) {
  const { at, from, to, state, region } = selection;
  const onChoose = useCallback(
    (choice: { at: string } | { from: string; to: string } | null) =>
      select(search, { at: null, from: null, to: null, row: null, ...choice }),
    [search],
  );
  const onExpand = useCallback(
    (next: string | null) => select(search, { region: next, at: null, from: null, to: null, row: null }),
    [search],
  );
  return (
    <GraphFrame
      graph={graph}
      chosen={{ at, edge: from && to ? `${from}→${to}` : null, state, region }}
      marked={marked ? edgeOfRow(marked, graph) : null}
      onChoose={onChoose}
      onExpand={onExpand}
    />
  );
}

/** The line of a row, where both of its ends are drawn one by one. */
function edgeOfRow({ source, target }: TopologyRow, { edges }: TopologyGraph): string | null {
  const found = edges.find(({ from, to }) => from === source.id && to === target.id);
  return found ? `${found.from}→${found.to}` : null;
}

function useFilters(selection: Selection, nodes: readonly TopologyNode[], search: string): ChosenFilter[] {
  const t = useTranslations("topology");
  const nameOf = useNodeName();
  const names = new Map(nodes.map((node) => [node.key, nameOf(node)]));
  const name = (key: string) => names.get(key) ?? key.replace(/^region:/, "");
  const { at, from, to, state } = selection;
  return [
    ...(at ? [{ label: t("filter.at", { name: name(at) }), clear: () => select(search, { at: null }) }] : []),
    ...(from || to
      ? [
          {
            label: t("filter.edge", { from: from ? name(from) : "—", to: to ? name(to) : "—" }),
            clear: () => select(search, { from: null, to: null }),
          },
        ]
      : []),
    ...(state ? [{ label: t(`state.${state}`), clear: () => select(search, { state: null }) }] : []),
  ];
}

function NothingFound({ filters }: { filters: readonly ChosenFilter[] }) {
  const t = useTranslations("topology.filter");
  const common = useTranslations("common");
  const params = useSearchParams();
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-1 px-6 py-5 max-md:px-4">
      <span>{t("none", { filters: filters.map(({ label }) => label).join(common("listSeparator")) })}</span>
      <button
        type="button"
        className="link"
        onClick={() => select(params.toString(), { at: null, from: null, to: null, state: null, row: null })}
      >
        {t("clearAll")}
      </button>
    </p>
  );
}
