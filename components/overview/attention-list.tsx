"use client";

import { useTranslations } from "next-intl";
import type { FailingRule, Overview } from "@/lib/schemas/overview.ts";
import { Link } from "../kit/link.tsx";
import { Note } from "../kit/note.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Head, HeadCell, Row, Table } from "../kit/table.tsx";
import { TaskStatusBadge } from "../status/task-status.tsx";
import { useFailureWords } from "../transfers/failure-words.ts";
import { PlaceOf } from "./running-list.tsx";
import { SectionHead } from "./section-head.tsx";

const WIDTHS = [220, 130, null, 104, 96] as const;

/** Rules whose newest task failed, wholly or in part, and targets that are paused. */
export function AttentionList({ overview: { failing, paused } }: { overview: Overview }) {
  const t = useTranslations("overview.attention");
  const shown = failing.rows.length;
  const counted =
    failing.count > shown ? t("countShown", { n: failing.count, shown }) : t("count", { n: failing.count });
  const note = failing.count > 0 ? counted : undefined;
  return (
    <section aria-label={t("title")}>
      <SectionHead
        title={t("title")}
        note={note}
        links={
          failing.count > 0
            ? [
                { href: "/topology?view=table&state=failed", label: t("allFailed") },
                { href: "/topology?view=table&state=partial", label: t("allPartial") },
              ]
            : []
        }
      />
      {paused > 0 ? (
        <div className="px-6 pb-2 max-md:px-4">
          <Note tone="gamboge">
            {t("paused", { n: paused })}{" "}
            <Link href="/topology?view=table&state=disabled" className="link">
              {t("pausedLink")}
            </Link>
          </Note>
        </div>
      ) : null}
      {failing.count === 0 ? (
        <p className="px-6 pb-5 max-md:px-4">
          {paused === 0 ? `${t("none")} ` : null}
          <span className="text-ink-3">{t("noneDetail")}</span>
        </p>
      ) : (
        <FailingTable rows={failing.rows} />
      )}
    </section>
  );
}

function FailingTable({ rows }: { rows: readonly FailingRule[] }) {
  const t = useTranslations("overview.attention");
  return (
    <Table caption={t("caption")} widths={WIDTHS}>
      <Head>
        <HeadCell>{t("rule")}</HeadCell>
        <HeadCell>{t("task")}</HeadCell>
        <HeadCell>{t("reason")}</HeadCell>
        <HeadCell>{t("when")}</HeadCell>
        <HeadCell>
          <span className="sr-only">{t("viewTask")}</span>
        </HeadCell>
      </Head>
      <Body>
        {rows.map((rule) => (
          <FailingRow key={rule.id} rule={rule} />
        ))}
      </Body>
    </Table>
  );
}

function FailingRow({ rule }: { rule: FailingRule }) {
  const t = useTranslations("overview.attention");
  const { task } = rule;
  return (
    <Row lines={2}>
      <Cell rowHead>
        <Link href={`/rules/${rule.id}`} className="link block truncate">
          {rule.name}
        </Link>
        <span className="block text-meta">
          <PlaceOf task={task} />
        </span>
      </Cell>
      <Cell>
        <TaskStatusBadge task={task} />
      </Cell>
      <Cell wide>
        <Reason task={task} />
      </Cell>
      <Cell>
        <RelativeTime at={task.endedAt ?? task.createdAt} className="text-ink-2" />
      </Cell>
      <Cell align="right">
        <Link href={`/tasks/${task.id}`} className="link inline-flex min-h-6 items-center whitespace-nowrap">
          {t("viewTask")}
        </Link>
      </Cell>
    </Row>
  );
}

/** Why the scan failed, and what to do; where single tags failed, how many: their reasons are on the task's page. */
function Reason({ task }: { task: FailingRule["task"] }) {
  const t = useTranslations("overview.attention");
  const words = useFailureWords();
  if (!task.failure) {
    return <span className="text-ink-2">{t("items", { n: task.counters.failed })}</span>;
  }
  const { side } = task.failure;
  const instance = side === "target" ? task.targets[0]?.instance.name : task.sourceInstance.name;
  const { title, advice } = words(task.failure, { instance });
  return (
    <>
      <span className="line-clamp-1" title={title}>
        {title}
      </span>
      <span className="line-clamp-1 text-ink-3 text-meta" title={advice}>
        {advice}
      </span>
    </>
  );
}
