"use client";

import { useTranslations } from "next-intl";
import { formatBytes, formatSpeed } from "@/lib/format/bytes.ts";
import { formatClock } from "@/lib/format/time.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";
import { isRateLimit } from "../status/task-status.tsx";
import type { Curve } from "./curve.ts";

/** The numbers of the chart (查看数据). */
export function ThroughputTable({ curve }: { curve: Curve }) {
  const t = useTranslations("tasks.chart");
  const { timeZone } = useTimeStyle();
  const head = "sticky top-0 bg-surface py-1 font-medium text-ink-3 whitespace-nowrap";
  const figure = "border-line border-t pl-2 text-right whitespace-nowrap";
  return (
    <section
      aria-label={t("table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="mt-2 h-[126px] overflow-y-auto"
    >
      <table className="w-full text-meta">
        <caption className="sr-only">{t("table")}</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-left`}>
              {t("until")}
            </th>
            <th scope="col" className={`${head} pl-2 text-right`}>
              {t("speed")}
            </th>
            <th scope="col" className={`${head} pl-2 text-right`}>
              {t("copied")}
            </th>
            <th scope="col" className={`${head} pl-4 text-left`}>
              {t("remark")}
            </th>
          </tr>
        </thead>
        <tbody>
          {curve.points.map(({ atMs, bytesPerSecond, bytesCopied, waiting }) => (
            <tr key={atMs} className="text-ink-2">
              <th
                scope="row"
                className="border-line border-t py-0.5 text-left font-normal"
                suppressHydrationWarning
              >
                {formatClock(new Date(atMs).toISOString(), timeZone)}
              </th>
              <td className={figure}>{formatSpeed(bytesPerSecond)}</td>
              <td className={figure}>{formatBytes(bytesCopied)}</td>
              <td className="border-line border-t pl-4 text-gamboge-fg">
                {waiting === null ? null : t(isRateLimit(waiting) ? "limited" : "waited")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
