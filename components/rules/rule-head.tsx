import clsx from "clsx";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { searchHref } from "@/lib/format/search-href.ts";
import type { RuleListQuery } from "@/lib/schemas/rule.ts";
import type { RuleColumn } from "@/lib/schemas/words.ts";
import { FilterSpace, SkeletonRows } from "../kit/skeleton.tsx";
import { Head, HeadCell, type SortDirection, Table } from "../kit/table.tsx";
import { columnClasses, columnsOf, NARROW } from "./rule-columns.ts";

/** The order that a list has anyway is not written into the URL. */
const listed = (sort: string): string | null => (sort === "name" ? null : sort);

/** The direction of a column whose name is `key`, and the sort a click on it asks for. */
function sorting(sort: RuleListQuery["sort"], key: "name" | "created" | "lastTask", search: string) {
  const direction: SortDirection = sort === key ? "ascending" : sort === `-${key}` ? "descending" : null;
  const first = key === "name" ? key : `-${key}`;
  const other = key === "name" ? `-${key}` : key;
  return {
    sort: direction,
    sortHref: searchHref("/rules", search, { sort: listed(sort === first ? other : first) }),
  };
}

interface RuleHeadProps {
  query: RuleListQuery;
  /** The query of the page, as it stands in the URL. */
  search: string;
  columns: readonly RuleColumn[];
  /** The box of the page's selection. */
  children: ReactNode;
}

export function RuleHead({ query, search, columns, children }: RuleHeadProps) {
  const t = useTranslations("rules");
  return (
    <Head>
      <HeadCell>{children}</HeadCell>
      <HeadCell {...sorting(query.sort, "name", search)}>{t("column.name")}</HeadCell>
      {columns.map((column) => (
        <HeadCell
          key={column}
          className={clsx("truncate", NARROW[column]?.head)}
          {...(column === "created" || column === "lastTask" ? sorting(query.sort, column, search) : {})}
        >
          {t(`column.${column}`)}
        </HeadCell>
      ))}
      <HeadCell>{t("column.actions")}</HeadCell>
    </Head>
  );
}

/** Real heads, bars for rows: what stands there while the list is read. */
export function RuleTableSkeleton({ query, search }: Pick<RuleHeadProps, "query" | "search">) {
  const t = useTranslations("rules");
  const columns = columnsOf(query.columns);
  return (
    <>
      <FilterSpace narrow="max-md:h-[164px] md:max-xl:h-20" />
      <Table
        caption={t(query.view === "incoming" ? "captionIncoming" : "caption")}
        columns={columnClasses(columns)}
      >
        <RuleHead query={query} search={search} columns={columns}>
          <span className="sr-only">{t("bulk.selectPage")}</span>
        </RuleHead>
        <tbody>
          <SkeletonRows
            columns={columns.length + 3}
            classes={[undefined, undefined, ...columns.map((column) => NARROW[column]?.cell)]}
          />
        </tbody>
      </Table>
    </>
  );
}
