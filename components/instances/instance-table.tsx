"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { InstanceConcern, InstanceListRow } from "@/lib/schemas/instance-health.ts";
import type { Page } from "@/lib/schemas/task.ts";
import type { InstanceSort } from "@/lib/schemas/words.ts";
import { FilteredEmpty } from "../kit/filtered-empty.tsx";
import { Pager } from "../kit/pager.tsx";
import { Body, Table } from "../kit/table.tsx";
import { useRowKeys } from "../kit/use-row-keys.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { Concerns } from "./concerns.tsx";
import { INSTANCE_LATER, INSTANCE_WIDTHS, InstanceHead } from "./instance-head.tsx";
import { InstanceTableRow } from "./instance-table-row.tsx";

interface InstanceTableProps {
  initial: Page<InstanceListRow>;
  /** What needs attention; null below a list that is filtered or not at its beginning. */
  concerns: readonly InstanceConcern[] | null;
  sort: InstanceSort;
  /** The query of the page, as it stands in the URL. */
  search: string;
  q: string | undefined;
  size: number;
}

export function InstanceTable({ initial, concerns, sort, search, q, size }: InstanceTableProps) {
  const t = useTranslations("instances");
  const common = useTranslations("common");
  const pathname = usePathname();
  const query = useQuery({
    queryKey: [...queryKeys.instances(), search],
    queryFn: ({ signal }) => fetchJson<Page<InstanceListRow>>(`/api/instances?${search}`, signal),
    initialData: initial,
    // Checks that found the same tell nobody: latencies are asked for now and then.
    refetchInterval: useRefetchInterval(true),
  });
  const { rows, next, previous } = query.data;
  const { rowProps } = useRowKeys({
    rows,
    copy: ({ id }) => id,
    actions: [
      { keys: "t", label: t("testShort") },
      { keys: "e", label: t("edit") },
    ],
  });
  return (
    <>
      <LoadFailed query={query} title={t("loadFailed")} />
      <Table caption={t("caption")} widths={INSTANCE_WIDTHS} later={INSTANCE_LATER}>
        <InstanceHead sort={sort} search={search} />
        <Body>
          {rows.map((instance) => (
            <InstanceTableRow key={instance.id} instance={instance} keys={rowProps(instance.id)} />
          ))}
        </Body>
      </Table>
      {rows.length === 0 ? (
        <FilteredEmpty clearLabel={common("clearFilters")} clearHref={pathname}>
          {q ? t("filteredEmpty", { q }) : t("pageEmpty")}
        </FilteredEmpty>
      ) : null}
      {concerns ? <Concerns initial={concerns} /> : null}
      <div className="mt-auto">
        <Pager next={next} previous={previous} size={size} />
      </div>
    </>
  );
}
