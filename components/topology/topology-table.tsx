"use client";

import { CircleSlash } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRatio, successRatio, taskPercent } from "@/lib/format/ratio.ts";
import type { TopologyRow } from "@/lib/schemas/topology.ts";
import { Link } from "../kit/link.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Row, Table } from "../kit/table.tsx";
import { useNow } from "../kit/use-now.ts";
import { TaskStatusBadge } from "../status/task-status.tsx";
import { TOPOLOGY_WIDTHS, TopologyHead } from "./topology-head.tsx";

/** The drawing's equal twin: a line for each rule and target. */
export function TopologyTable({
  rows,
  marked,
  onMark,
}: {
  rows: readonly TopologyRow[];
  marked: string | null;
  onMark: (id: string | null) => void;
}) {
  const t = useTranslations("topology.table");
  return (
    <Table caption={t("caption")} widths={TOPOLOGY_WIDTHS}>
      <TopologyHead />
      <Body>
        {rows.map((row) => (
          <TopologyTableRow
            key={row.id}
            row={row}
            marked={row.id === marked}
            onMark={() => onMark(row.id === marked ? null : row.id)}
          />
        ))}
      </Body>
    </Table>
  );
}

function TopologyTableRow({
  row,
  marked,
  onMark,
}: {
  row: TopologyRow;
  marked: boolean;
  onMark: () => void;
}) {
  const t = useTranslations("topology.table");
  return (
    <Row
      lines="1l"
      open={marked}
      onClick={(event) => {
        if (!(event.target as Element).closest("a, button, time")) {
          onMark();
        }
      }}
    >
      <Cell rowHead className="max-md:flex-[1_1_60%]!">
        <Link
          href={`/rules/${row.ruleId}`}
          className={
            row.enabled ? "link block truncate" : "block truncate font-medium text-ink-2 hover:underline"
          }
        >
          {row.name}
        </Link>
      </Cell>
      <Cell className="truncate max-md:order-2 max-md:-mr-3 max-md:self-center">{row.source.name}</Cell>
      <Cell className="max-md:order-2 max-md:overflow-visible!">
        <MarkButton row={row} marked={marked} onMark={onMark} />
      </Cell>
      <Cell wide className="max-md:order-2">
        <Namespace row={row} />
      </Cell>
      <Cell label={t("lastSuccess")} className="max-md:order-3">
        {row.lastSuccessAt ? (
          <RelativeTime at={row.lastSuccessAt} />
        ) : (
          <span className="text-ink-3">{t("never")}</span>
        )}
      </Cell>
      <LagCell row={row} />
      <Cell className="max-md:order-1 max-md:min-w-fit max-md:flex-[1_0_30%] max-md:text-right!">
        <State row={row} />
      </Cell>
      <Cell label={t("ratio")} align="right" className="max-md:order-3">
        {ratioOf(row)}
      </Cell>
    </Row>
  );
}

/** By keyboard what a click on the line does: marks its edge. */
function MarkButton({ row, marked, onMark }: { row: TopologyRow; marked: boolean; onMark: () => void }) {
  const t = useTranslations("topology.table");
  return (
    <button
      type="button"
      aria-pressed={marked}
      aria-label={`${row.target.name}, ${t("mark", { name: row.name })}`}
      onClick={onMark}
      className="flex h-6 md:-mx-1 max-w-full items-center rounded-sm px-1 hover:bg-hover"
    >
      <span aria-hidden className="mr-2 text-ink-3 md:hidden">
        {"→"}
      </span>
      <span className="truncate">{row.target.name}</span>
    </button>
  );
}

function Namespace({ row }: { row: TopologyRow }) {
  const rules = useTranslations("rules");
  const word = (namespace: string) => namespace || rules("root");
  const same = row.targetNamespace === null || row.targetNamespace === row.sourceNamespace;
  const text = same
    ? word(row.sourceNamespace)
    : `${word(row.sourceNamespace)} → ${word(row.targetNamespace ?? "")}`;
  return (
    <code className="block truncate text-ink-2" title={text}>
      {text}
    </code>
  );
}

function State({ row }: { row: TopologyRow }) {
  const t = useTranslations("topology");
  if (row.state === "disabled") {
    return (
      <span className="inline-flex items-center gap-1.5 align-top font-medium text-ink-2">
        <CircleSlash aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
        {t(row.paused ? "table.paused" : "table.off")}
      </span>
    );
  }
  if (!row.lastTask) {
    return <span className="text-ink-3">{t("state.never")}</span>;
  }
  const ended = endedHere(row);
  return (
    <Link href={`/tasks/${ended?.taskId ?? row.lastTask.id}`} className="hover:underline">
      <TaskStatusBadge task={ended ?? row.lastTask} />
    </Link>
  );
}

/** The age of the oldest tag that the target misses. */
function LagCell({ row }: { row: TopologyRow }) {
  const t = useTranslations("lag");
  const locale = useLocale() as Locale;
  const now = useNow();
  return (
    <Cell label={t("column")} className="max-md:order-3">
      {row.missingSince ? (
        <span className="font-medium" suppressHydrationWarning>
          {formatSpan(Math.max(0, Date.parse(now) - Date.parse(row.missingSince)), locale)}
        </span>
      ) : (
        <span className="text-ink-3">{row.result || row.lastSuccessAt ? t("levelShort") : "—"}</span>
      )}
    </Cell>
  );
}

/** What the rule's last task came to here, once it has ended; with several targets they differ. */
function endedHere({ lastTask, result }: TopologyRow): TopologyRow["result"] {
  return lastTask?.endedAt ? result : null;
}

/** Of what the state tells of: this target's own tags, or all of a task at work. */
function ratioOf(row: TopologyRow): string {
  const { lastTask } = row;
  if (!lastTask) {
    return "—";
  }
  if (lastTask.status === "running") {
    return `${taskPercent(lastTask.counters)}%`;
  }
  const ended = endedHere(row);
  const ratio = ended
    ? successRatio(ended.counters, lastTask.endedAt)
    : successRatio(lastTask.counters, lastTask.scanEndedAt);
  return ratio ? formatRatio(ratio.done, ratio.of) : "—";
}
