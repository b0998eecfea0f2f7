"use client";

import clsx from "clsx";
import { usePathname } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { joinList } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { searchHref } from "@/lib/format/search-href.ts";
import type { TextOf } from "@/lib/format/text-of.ts";
import { type InstanceName, OPEN_TASK_STATUSES, type Page, type TaskRow } from "@/lib/schemas/task.ts";
import type { TaskListQuery } from "@/lib/schemas/task-query.ts";
import { FilteredEmpty } from "../kit/filtered-empty.tsx";
import { Link } from "../kit/link.tsx";
import { Pager } from "../kit/pager.tsx";
import { Body, Cell, FROM_1024, Row, Table } from "../kit/table.tsx";
import { useRowKeys } from "../kit/use-row-keys.ts";
import { fetchJson } from "../live/fetch-json.ts";
import { useRefetchInterval } from "../live/live-provider.tsx";
import { LoadFailed } from "../live/load-failed.tsx";
import { useNewest, useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { useCalmRows } from "../live/use-calm-rows.ts";
import { useText } from "../live/use-text.ts";
import { TriggeredBy } from "../rules/trigger-name.tsx";
import { TaskFilters } from "./task-filters.tsx";
import { bytesClass, TaskHead, taskColumns } from "./task-head.tsx";
import { TaskId } from "./task-id.tsx";
import { hasRatio, meanSpeedWords, TaskBytes, TaskOutcome, TaskRatio } from "./task-outcome.tsx";
import { ShortTime, TaskDuration } from "./task-time.tsx";

interface TaskListProps {
  query: TaskListQuery;
  /** Canonical search of `query` for /api/tasks, with the instance or rule that the page is about. */
  apiSearch: string;
  /** The filters of the page's own URL. */
  search: string;
  initial: TextOf<Page<TaskRow>>;
  /** A page about one rule needs no column for it. */
  ofRule: boolean;
  /** Stands before the filters: the heading of a log within a page. */
  heading?: string;
  /** On a page of several source instances: the one that is chosen, null: any. */
  instance?: InstanceName | null | undefined;
  /** Stands where there is no task at all; without it a sentence does. */
  empty?: ReactNode;
}

/** 触发日志: one line a task, newest first, kept fresh by the event stream. */
export function TaskList({
  query,
  apiSearch,
  search,
  initial,
  ofRule,
  heading,
  instance,
  empty,
}: TaskListProps) {
  const t = useTranslations("tasks");
  const list = useTasks(apiSearch, useText(initial));
  const { failing: ruleFailing } = useNewest(queryKeys.rule(query.rule ?? ""));
  const { rows, waiting, show, hold } = useCalmRows(list.data.rows, apiSearch);
  return (
    <>
      <TaskFilters search={search} query={query} heading={heading} instance={instance} ofRule={ofRule} />
      <LoadFailed query={list} title={t("loadFailed")} saidAbove={ruleFailing} />
      {waiting > 0 ? (
        <button type="button" onClick={show} className="h-8 bg-azurite-soft font-medium text-azurite-fg">
          {t("newTasks", { n: formatCount(waiting) })}
        </button>
      ) : null}
      <div className="min-h-0 flex-1" {...hold}>
        <TaskTable rows={rows} ofRule={ofRule} />
        {list.data.rows.length === 0 ? (
          <NoTasks query={query} search={search} instance={instance} empty={empty} />
        ) : null}
      </div>
      <Pager next={list.data.next} previous={list.data.previous} size={query.size} />
    </>
  );
}

function useTasks(apiSearch: string, initial: Page<TaskRow>) {
  const moving = initial.rows.some((task) => (OPEN_TASK_STATUSES as readonly string[]).includes(task.status));
  const refetchInterval = useRefetchInterval(moving);
  return useQuery({
    queryKey: queryKeys.tasks(apiSearch),
    queryFn: ({ signal }) => fetchJson<Page<TaskRow>>(`/api/tasks?${apiSearch}`, signal),
    initialData: initial,
    refetchInterval,
  });
}

function TaskTable({ rows, ofRule }: { rows: readonly TaskRow[]; ofRule: boolean }) {
  const t = useTranslations("tasks.column");
  const { rowProps } = useRowKeys({ rows, copy: ({ number }) => `#${number}` });
  return (
    <Table caption={t("caption")} {...taskColumns(ofRule)}>
      <TaskHead ofRule={ofRule} />
      <Body>
        {rows.map((task) => (
          <TaskTableRow key={task.id} task={task} ofRule={ofRule} keys={rowProps(task.id)} />
        ))}
      </Body>
    </Table>
  );
}

interface RowProps {
  task: TaskRow;
  ofRule: boolean;
  keys: ReturnType<ReturnType<typeof useRowKeys>["rowProps"]>;
}

function TaskTableRow({ task, ofRule, keys }: RowProps) {
  const locale = useLocale() as Locale;
  const t = useTranslations("tasks.column");
  return (
    <Row
      lines={ofRule && task.status !== "running" && !task.failure && task.counters.skipped === 0 ? "1l" : 2}
      selected={task.status === "running"}
      {...keys}
    >
      <Cell rowHead className={clsx("whitespace-nowrap", !ofRule && "max-md:flex-none!")}>
        <TaskId task={task} />
      </Cell>
      {ofRule ? null : (
        // Whence and where to are the cell's own text.
        <Cell className="truncate text-ink-3 text-meta max-md:flex-1! max-md:self-center">
          <Link
            href={`/rules/${task.ruleId}`}
            className="block truncate font-medium text-body text-ink hover:underline"
          >
            {task.ruleName}
          </Link>
          {[
            task.sourceInstance.name,
            joinList(
              task.targets.map(({ instance }) => instance.name),
              locale,
            ),
          ]
            .filter(Boolean)
            .join(" → ")}
        </Cell>
      )}
      <Cell label={t("created")} className="max-md:order-2">
        <ShortTime at={task.createdAt} />
        <TaskDuration task={task} className="hidden text-ink-3 text-meta md:max-lg:block" />
      </Cell>
      <Cell label={t("trigger")} className="truncate max-md:order-2" title={task.triggeredBy ?? undefined}>
        <TriggeredBy trigger={task.trigger} name={task.triggeredBy} />
      </Cell>
      <Cell label={t("duration")} align="right" className={`max-md:order-2 ${FROM_1024}`}>
        <TaskDuration task={task} />
      </Cell>
      <Cell
        label={t("ratio")}
        align="right"
        className={clsx("whitespace-nowrap max-md:order-2", hasRatio(task) && "text-ink-3")}
      >
        <TaskRatio task={task} />
      </Cell>
      <Cell label={t("repositories")} align="right" className={`max-md:order-2 ${FROM_1024}`}>
        {task.claimedAt === null ? "—" : formatCount(task.counters.repositories)}
      </Cell>
      <Cell
        label={t("bytes")}
        align="right"
        className={clsx("whitespace-nowrap max-md:order-2", bytesClass(ofRule))}
        title={meanSpeedWords(task)}
      >
        <TaskBytes task={task} />
      </Cell>
      <Cell wide className="truncate pl-6 max-md:order-1">
        <TaskOutcome task={task} />
      </Cell>
    </Row>
  );
}

type NoTasksProps = Pick<TaskListProps, "query" | "search" | "instance" | "empty">;

/** Nothing at all, or nothing of what the filters ask for: then they are said in words, with the way out. */
function NoTasks({ query, search, instance, empty }: NoTasksProps) {
  const t = useTranslations("tasks");
  const status = useTranslations("status");
  const locale = useLocale() as Locale;
  const pathname = usePathname();
  const words = [
    query.q && t("filter.q", { q: query.q }),
    query.trigger && status(`trigger.${query.trigger}`),
    query.since && t("filter.lastDay"),
    // Without a choice of instances the page is about one, which is no filter.
    instance !== undefined && query.instance ? (instance?.name ?? t("filter.instance")) : null,
    query.status && status(`task.${query.status}`),
  ].flatMap((word) => (word ? [word] : []));
  return words.length > 0 ? (
    <FilteredEmpty
      clearLabel={t("clearFilters")}
      clearHref={searchHref(pathname, search, {
        ...{ q: null, status: null, trigger: null, since: null },
        ...(instance === undefined ? {} : { instance: null }),
      })}
    >
      {t("noMatch", { filters: joinList(words, locale) })}
    </FilteredEmpty>
  ) : (
    (empty ?? <p className="px-6 py-5 text-ink-2 max-md:px-4">{t("none")}</p>)
  );
}
