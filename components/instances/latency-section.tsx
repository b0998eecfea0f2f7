"use client";

import { useTranslations } from "next-intl";
import { formatCount, formatPercent } from "@/lib/format/ratio.ts";
import { formatShort } from "@/lib/format/time.ts";
import type { HealthHistory } from "@/lib/schemas/instance-health.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { Body, Cell, Head, HeadCell, Row, Table } from "../kit/table.tsx";
import { TextAction } from "../kit/text-action.tsx";
import { useUrlParam } from "../kit/use-url-param.ts";
import { LatencyCurve } from "./latency-curve.tsx";

/** Fewer quarters than this make no curve. */
const FEW = 3;

/** p50, p95 and availability of the last 24 hours, their curve, a sentence, and the figures behind it. */
export function LatencySection({ history }: { history: HealthHistory }) {
  const t = useTranslations("instances.history");
  const [data, setData] = useUrlParam("data");
  const open = data === "1";
  const { checks, failed, p50Ms, p95Ms, buckets } = history;
  if (checks === 0) {
    return <p className="text-ink-3">{t("none")}</p>;
  }
  const reached = buckets.filter((bucket) => bucket.p50Ms !== null).length;
  const broken = buckets.some((bucket) => bucket.p50Ms === null && bucket.failed > 0);
  const availability = formatPercent(checks - failed, checks);
  return (
    <div className="min-w-0">
      <div className="mb-1 flex flex-wrap items-baseline gap-x-8 whitespace-nowrap max-md:gap-x-4">
        {p50Ms === null || p95Ms === null ? null : (
          <>
            <Figure value={p50Ms} unit={t("figure", { which: t("p50") })} />
            <Figure value={p95Ms} unit={t("figure", { which: t("p95") })} />
          </>
        )}
        <span>
          <span className="font-medium text-figure">{availability}</span>{" "}
          <span className="text-ink-3">{t("availability")}</span>
        </span>
      </div>
      {reached >= FEW ? (
        <figure aria-label={t("label")} className="max-w-[420px]">
          <LatencyCurve
            points={buckets.map((bucket) => bucket.p50Ms)}
            width={420}
            height={64}
            className="h-16 w-full border-line border-b"
          />
          <figcaption className="mt-1 flex justify-between text-ink-3 text-micro">
            <span>{t("from")}</span>
            {broken ? <span>{t("gap")}</span> : null}
            <span>{t("to")}</span>
          </figcaption>
        </figure>
      ) : p50Ms === null ? null : (
        <p className="text-ink-3">{t("few")}</p>
      )}
      <p className="mt-2 max-w-[440px] text-ink-2 text-meta">
        {p50Ms === null || p95Ms === null
          ? t("sentenceDown", { checks: formatCount(checks) })
          : t("sentence", {
              checks: formatCount(checks),
              failed,
              availability,
              p50: formatCount(p50Ms),
              p95: formatCount(p95Ms),
            })}
      </p>
      <TextAction aria-expanded={open} className="text-meta" onClick={() => setData(open ? null : "1")}>
        {t(open ? "hideData" : "data")}
      </TextAction>
      {open ? <HistoryTable history={history} /> : null}
    </div>
  );
}

function Figure({ value, unit }: { value: number; unit: string }) {
  return (
    <span>
      <span className="font-medium text-figure">{formatCount(value)}</span>{" "}
      <span className="text-ink-3">{unit}</span>
    </span>
  );
}

function HistoryTable({ history }: { history: HealthHistory }) {
  const t = useTranslations("instances.history");
  const style = useTimeStyle();
  const now = new Date().toISOString();
  const rows = history.buckets.filter(({ checks }) => checks > 0).reverse();
  const ms = (value: number | null) => (value === null ? "—" : formatCount(value));
  return (
    <section
      aria-label={t("caption")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-1 max-h-72 max-w-[560px] overflow-y-auto border-line border-y"
    >
      <Table caption={t("caption")} stacks={false} className="[&_:is(td,th):first-child]:pl-0">
        <Head>
          <HeadCell>{t("at")}</HeadCell>
          <HeadCell align="right">{t("checks")}</HeadCell>
          <HeadCell align="right">{t("failed")}</HeadCell>
          <HeadCell align="right">{t("p50")}</HeadCell>
          <HeadCell align="right">{t("p95")}</HeadCell>
          <HeadCell align="right">{t("max")}</HeadCell>
        </Head>
        <Body>
          {rows.map((bucket) => (
            <Row key={bucket.at} lines={1}>
              <Cell rowHead>
                <time dateTime={bucket.at} suppressHydrationWarning>
                  {formatShort(bucket.at, now, style)}
                </time>
              </Cell>
              <Cell align="right">{bucket.checks}</Cell>
              <Cell align="right" className={bucket.failed > 0 ? "text-cinnabar-fg" : "text-ink-3"}>
                {bucket.failed}
              </Cell>
              <Cell align="right">{ms(bucket.p50Ms)}</Cell>
              <Cell align="right">{ms(bucket.p95Ms)}</Cell>
              <Cell align="right">{ms(bucket.maxMs)}</Cell>
            </Row>
          ))}
        </Body>
      </Table>
    </section>
  );
}
