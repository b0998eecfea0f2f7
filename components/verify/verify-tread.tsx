"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatCount, formatRatio } from "@/lib/format/ratio.ts";
import type { TaskCounters, TaskRow } from "@/lib/schemas/task.ts";
import type { VerifyDepth } from "@/lib/schemas/verify-words.ts";
import { TRANSFER_FILL } from "../status/fills.ts";
import { Tread } from "../tasks/tread.tsx";

/** One step above 同步. */
const RISE = 16;

/** The last phase of a task that proves what it brought: how many tags are proven, and what that took. */
export function VerifyTread({ task, depth }: { task: TaskRow; depth: VerifyDepth }) {
  const locale = useLocale() as Locale;
  const t = useTranslations("verify.phase");
  const { counters } = task;
  const of = toProve(counters);
  const { verified, repaired, unproven, contentsVerified, bytesVerified } = counters;
  const begun = contentsVerified + verified + unproven > 0;
  const state = task.endedAt
    ? of === 0
      ? "waiting"
      : verified < of
        ? "broken"
        : "done"
    : begun
      ? "active"
      : "waiting";
  const words = [
    of === 0
      ? t(task.endedAt ? "nothing" : "waiting")
      : t("result", { ratio: formatRatio(verified + unproven, of) }),
    repaired > 0 ? t("repaired", { n: formatCount(repaired) }) : null,
    unproven > 0 ? t("incomplete", { n: formatCount(unproven) }) : null,
    begun ? t("contents", { n: formatCount(contentsVerified) }) : null,
    bytesVerified > 0 ? t("read", { bytes: formatBytes(bytesVerified) }) : null,
  ].filter((word) => word !== null);
  const percent = of === 0 ? 0 : Math.floor(((verified + unproven) * 100) / of);
  const name = t(depth === "deep" ? "nameDeep" : "name");
  const result = joinClauses(words, locale);
  return (
    <>
      <i
        aria-hidden
        className="w-0.5 self-end max-md:hidden"
        style={{ height: 16, marginBottom: RISE / 2, background: TRANSFER_FILL.pending }}
      />
      <Tread
        name={name}
        state={state}
        beside={of > 0 ? `${percent}%` : null}
        rise={RISE}
        className="flex-[7]"
        result={<span title={result}>{result}</span>}
      >
        <div
          role="progressbar"
          aria-label={name}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={result}
          className="flex h-2 gap-px bg-track"
        >
          <Share count={verified} of={of} fill={TRANSFER_FILL.copied} />
          <Share count={unproven} of={of} fill={TRANSFER_FILL.failed} />
        </div>
      </Tread>
    </>
  );
}

/** Tags that are at their targets, or are on their way there, as far as is known by now. */
function toProve({ total, skipped, failed, stopped, unproven }: TaskCounters): number {
  return Math.max(0, total - skipped - stopped - (failed - unproven));
}

function Share({ count, of, fill }: { count: number; of: number; fill: string }) {
  return count > 0 ? (
    <div
      className="h-full min-w-0.5 transition-[width] duration-1000 ease-linear motion-reduce:transition-none"
      style={{ width: `${(count / Math.max(1, of)) * 100}%`, background: fill }}
    />
  ) : null;
}
