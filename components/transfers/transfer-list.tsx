"use client";

import clsx from "clsx";
import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes.ts";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { keepingPage, searchHref } from "@/lib/format/search-href.ts";
import type { Page, TaskRow } from "@/lib/schemas/task.ts";
import type { TransferListQuery } from "@/lib/schemas/task-query.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { FilteredEmpty } from "../kit/filtered-empty.tsx";
import { Link } from "../kit/link.tsx";
import { Pager } from "../kit/pager.tsx";
import { Body, Cell, Row, Table } from "../kit/table.tsx";
import { useRowKeys } from "../kit/use-row-keys.ts";
import { LoadFailed } from "../live/load-failed.tsx";
import { TransferStatusBadge } from "../status/transfer-status.tsx";
import type { Ends } from "./failure-context.ts";
import { TransferFilters } from "./transfer-filters.tsx";
import { OPEN_COLUMNS, TRANSFER_COLUMNS, TransferHead, YIELDS } from "./transfer-head.tsx";
import { TransferResult } from "./transfer-result.tsx";
import { useTransfers } from "./use-transfers.ts";

interface TransferListProps {
  task: TaskRow;
  query: TransferListQuery;
  /** Canonical search of `query`, for the route. */
  apiSearch: string;
  /** The page's own search, with the open transfer. */
  search: string;
  initial: Page<TransferRow>;
  /** The transfer that is open in the aside. */
  openId: string | null;
  ends: Ends;
  /** The task could not be refreshed either, and says so. */
  taskFailing: boolean;
}

/** The transfers of a task, one line each. A page has a hundred of them: each element of a row counts. */
export function TransferList(props: TransferListProps) {
  const { task, query, apiSearch, search, initial, openId, ends, taskFailing } = props;
  const t = useTranslations("transfers");
  const list = useTransfers(task, { apiSearch, initial });
  const { rows, next, previous } = list.data;
  return (
    <section
      id="transfers"
      tabIndex={-1}
      aria-label={t("caption")}
      className="flex min-w-0 flex-1 flex-col outline-none"
    >
      <TransferFilters task={task} query={query} search={search} narrow={openId !== null} />
      <LoadFailed query={list} title={t("loadFailed")} saidAbove={taskFailing} />
      <div className="min-h-0 flex-1">
        <TransferTable task={task} rows={rows} search={search} openId={openId} ends={ends} />
        {rows.length === 0 ? <NoTransfers task={task} query={query} search={search} /> : null}
      </div>
      <Pager next={next} previous={previous} size={query.size} />
    </section>
  );
}

interface TableProps {
  task: TaskRow;
  rows: readonly TransferRow[];
  search: string;
  openId: string | null;
  ends: Ends;
}

function TransferTable({ task, rows, search, openId, ends }: TableProps) {
  const t = useTranslations("transfers");
  const { rowProps } = useRowKeys({ rows, copy: ({ repository, tag }) => `${repository}:${tag}` });
  return (
    <Table caption={t("caption")} columns={openId ? OPEN_COLUMNS : TRANSFER_COLUMNS}>
      <TransferHead open={openId !== null} />
      <Body>
        {rows.map((transfer) => (
          <TransferTableRow
            key={transfer.id}
            task={task}
            transfer={transfer}
            search={search}
            open={transfer.id === openId}
            narrow={openId !== null}
            ends={ends}
            keys={rowProps(transfer.id)}
          />
        ))}
      </Body>
    </Table>
  );
}

interface RowProps {
  task: TaskRow;
  transfer: TransferRow;
  search: string;
  open: boolean;
  /** The aside stands beside the list. */
  narrow: boolean;
  ends: Ends;
  keys: ReturnType<ReturnType<typeof useRowKeys>["rowProps"]>;
}

function TransferTableRow({ task, transfer, search, open, narrow, ends, keys }: RowProps) {
  const t = useTranslations("transfers");
  const pathname = usePathname();
  const href = keepingPage(pathname, search, { transfer: open ? null : transfer.id });
  const shown = below(task.sourceNamespace, transfer.repository);
  const severalTargets = task.targets.length > 1;
  return (
    <Row lines={severalTargets ? 2 : 1} open={open} {...keys}>
      <Cell>
        <TransferStatusBadge transfer={transfer} />
      </Cell>
      {/* The target is the cell's own text: no element for it. */}
      <Cell rowHead className="truncate text-ink-3 text-meta">
        <Link
          href={href}
          scroll={false}
          title={transfer.repository}
          aria-label={t("open", { name: `${transfer.repository}:${transfer.tag}` })}
          aria-expanded={open}
          className="block truncate font-mono text-[12px] text-ink leading-5 hover:underline"
        >
          {shown}
        </Link>
        {severalTargets ? `→ ${transfer.targetInstance.name}` : null}
      </Cell>
      <Cell label={t("column.tag")} className="truncate font-mono text-[12px] text-ink-2">
        {transfer.tag}
      </Cell>
      <Cell
        label={t("column.size")}
        align="right"
        className={clsx("whitespace-nowrap text-ink-2", narrow && YIELDS)}
      >
        {transfer.sizeBytes === null ? "—" : formatBytes(transfer.sizeBytes)}
      </Cell>
      <Cell wide className={clsx("truncate pl-5 text-ink-3", narrow && "lg:max-xl:pl-2")}>
        <TransferResult task={task} transfer={transfer} ends={ends} narrow={narrow} />
      </Cell>
    </Row>
  );
}

/** The part of a repository's path below the namespace of the rule, which every row shares. */
function below(namespace: string, repository: string): string {
  return namespace !== "" && repository.startsWith(`${namespace}/`)
    ? repository.slice(namespace.length + 1)
    : repository;
}

function NoTransfers({ task, query, search }: { task: TaskRow; query: TransferListQuery; search: string }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("transfers");
  const status = useTranslations("status.transfer");
  const pathname = usePathname();
  if (!query.status && !query.q) {
    const ended = task.scanEndedAt ? "none" : "noneScanned";
    const open = task.claimedAt ? "noneYet" : "notStarted";
    return <p className="px-6 py-5 text-ink-2 max-md:px-4">{t(task.endedAt ? ended : open)}</p>;
  }
  const words = [query.status ? status(query.status) : null, query.q ? t("named", { q: query.q }) : null];
  return (
    <FilteredEmpty
      clearLabel={t("clearFilters")}
      clearHref={searchHref(pathname, search, { status: null, q: null })}
    >
      {t("noMatch", {
        filters: joinList(
          words.filter((word) => word !== null),
          locale,
        ),
        total: formatCount(task.counters.total),
      })}
    </FilteredEmpty>
  );
}
