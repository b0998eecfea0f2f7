import { CircleCheck, OctagonX, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import type { WorkerRow } from "@/lib/schemas/settings.ts";
import { Note } from "../kit/note.tsx";
import { RelativeTime } from "../kit/relative-time.tsx";
import { Body, Cell, Head, HeadCell, Row, Table } from "../kit/table.tsx";

const WIDTHS = [null, 150, 72, 96, 104, 112, 148] as const;
/** A heartbeat comes every three seconds. */
const STALLED_MS = 15_000;

/** Who copies: which processes live, since when, and when each was last heard of. */
export function WorkerTable({ workers, nowMs }: { workers: readonly WorkerRow[]; nowMs: number }) {
  const t = useTranslations("settings.workers");
  if (workers.length === 0) {
    return (
      <Note tone="gamboge" className="max-w-[760px]">
        {t.rich("none", { code: (command) => <code className="mx-0.5 whitespace-nowrap">{command}</code> })}
      </Note>
    );
  }
  return (
    <Table
      caption={t("caption")}
      widths={WIDTHS}
      className="max-w-[900px] [&_:is(td,th):first-child]:pl-0 max-md:-mx-4"
    >
      <Head>
        <HeadCell>{t("host")}</HeadCell>
        <HeadCell>{t("status")}</HeadCell>
        <HeadCell>{t("version")}</HeadCell>
        <HeadCell align="right">{t("jobs")}</HeadCell>
        <HeadCell align="right">{t("concurrency")}</HeadCell>
        <HeadCell className="lg:pl-8">{t("started")}</HeadCell>
        <HeadCell>{t("seen")}</HeadCell>
      </Head>
      <Body>
        {workers.map((worker) => (
          <Row key={worker.id} lines="1l">
            <Cell rowHead>
              <span className="block truncate" title={worker.host}>
                {worker.host} <span className="text-ink-3">{`/ ${worker.pid}`}</span>
              </span>
            </Cell>
            <Cell label={t("status")}>
              <WorkerStatus worker={worker} nowMs={nowMs} />
            </Cell>
            <Cell label={t("version")}>{worker.version}</Cell>
            <Cell label={t("jobs")} align="right">
              {worker.jobs}
            </Cell>
            <Cell label={t("concurrency")} align="right">
              {worker.concurrency ?? "—"}
            </Cell>
            <Cell label={t("started")} className="lg:pl-8">
              <RelativeTime at={worker.startedAt} />
            </Cell>
            <Cell label={t("seen")}>
              <RelativeTime at={worker.seenAt} />
            </Cell>
          </Row>
        ))}
      </Body>
    </Table>
  );
}

function WorkerStatus({ worker, nowMs }: { worker: WorkerRow; nowMs: number }) {
  const t = useTranslations("settings.workers");
  const stalled = nowMs - Date.parse(worker.seenAt) > STALLED_MS;
  const [Icon, tone, word] = !worker.alive
    ? ([OctagonX, "text-cinnabar-fg", t("gone")] as const)
    : stalled
      ? ([TriangleAlert, "text-gamboge-fg", t("stalled")] as const)
      : ([CircleCheck, "text-malachite-fg", t("alive")] as const);
  return (
    <span className={`flex items-center gap-1.5 font-medium ${tone}`}>
      <Icon aria-hidden className="size-3.5 shrink-0 stroke-[1.75]" />
      {word}
    </span>
  );
}
