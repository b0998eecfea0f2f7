"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatBytes, formatSpeed } from "@/lib/format/bytes.ts";
import { formatRemaining } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, formatRatio, handled, taskPercent } from "@/lib/format/ratio.ts";
import type { Overview } from "@/lib/schemas/overview.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import { Link } from "../kit/link.tsx";
import { Body, Cell, Head, HeadCell, Row, Table } from "../kit/table.tsx";
import { TaskStatusBadge } from "../status/task-status.tsx";
import { ProgressBar } from "../tasks/progress-bar.tsx";
import { SectionHead } from "./section-head.tsx";

const WIDTHS = [176, 160, 176, 96, 96, 148] as const;

/** What is at work: how far, how fast, and how long still. */
export function RunningList({ running }: { running: Overview["running"] }) {
  const t = useTranslations("overview.running");
  if (running.count === 0) {
    return null;
  }
  return (
    <section aria-label={t("title")}>
      <SectionHead
        title={t("title")}
        links={
          running.count > running.rows.length
            ? [{ href: "/tasks?status=running", label: t("all", { n: formatCount(running.count) }) }]
            : []
        }
      />
      <Table caption={t("caption")} widths={WIDTHS}>
        <Head>
          <HeadCell>{t("rule")}</HeadCell>
          <HeadCell>{t("place")}</HeadCell>
          <HeadCell>{t("progress")}</HeadCell>
          <HeadCell align="right">{t("bytes")}</HeadCell>
          <HeadCell align="right">{t("speed")}</HeadCell>
          <HeadCell align="right">{t("left")}</HeadCell>
        </Head>
        <Body>
          {running.rows.map((task) => (
            <RunningRow key={task.id} task={task} />
          ))}
        </Body>
      </Table>
    </section>
  );
}

function RunningRow({ task }: { task: TaskRow }) {
  const t = useTranslations("overview.running");
  const locale = useLocale() as Locale;
  const { pace } = task;
  const running = task.status === "running";
  // What was found is copied while the rest is still listed.
  const moving = running || task.counters.bytesCopied > 0;
  return (
    <Row lines={2}>
      <Cell rowHead>
        <Link href={`/tasks/${task.id}`} className="link block truncate">
          {task.ruleName}
        </Link>
        <span className="block truncate text-ink-3 text-meta">{`#${task.number}`}</span>
      </Cell>
      <Cell wide>
        <PlaceOf task={task} />
      </Cell>
      <Cell wide>
        <Progress task={task} />
      </Cell>
      <Cell label={t("bytes")} align="right">
        {moving ? formatBytes(task.counters.bytesCopied) : "—"}
      </Cell>
      <Cell label={t("speed")} align="right">
        {!moving || pace?.bytesPerSecond == null ? "—" : formatSpeed(pace.bytesPerSecond)}
      </Cell>
      <Cell label={t("left")} align="right">
        <span className="whitespace-nowrap text-ink-2">
          {running && !task.waiting && !task.stopRequestedAt
            ? formatRemaining(pace?.remainingMs ?? null, locale)
            : "—"}
        </span>
      </Cell>
    </Row>
  );
}

export function PlaceOf({ task }: { task: Pick<TaskRow, "sourceInstance" | "targets"> }) {
  const common = useTranslations("common");
  const targets = task.targets.map(({ instance }) => instance.name).join(common("listSeparator"));
  const text = `${task.sourceInstance.name} → ${targets}`;
  return (
    <span className="block truncate text-ink-2" title={text}>
      {text}
    </span>
  );
}

function Progress({ task }: { task: TaskRow }) {
  const t = useTranslations("tasks");
  const percent = taskPercent(task.counters);
  const ratio = formatRatio(handled(task.counters), task.counters.total);
  if (task.status !== "running") {
    return (
      <>
        <TaskStatusBadge task={task} />
        <span className="block truncate text-ink-3 text-meta">
          {t("remark.scanning", { n: formatCount(task.counters.tagsScanned) })}
        </span>
      </>
    );
  }
  return (
    <>
      <span className="mb-1 flex items-center gap-2">
        <TaskStatusBadge task={task} />
        <span className="ml-auto text-ink-2">{`${percent}%`}</span>
      </span>
      <ProgressBar percent={percent} label={t("progress.label")} text={t("progress.text", { ratio })} />
    </>
  );
}
