"use client";

import { useLocale, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { formatBytes, formatSpeed } from "@/lib/format/bytes.ts";
import { joinClauses } from "@/lib/format/join.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { wholePercent } from "@/lib/format/ratio.ts";
import type { TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { FAILED_TEXT } from "../status/look.tsx";
import { ProgressBar } from "../tasks/progress-bar.tsx";
import { type Ends, failureContext } from "./failure-context.ts";
import { useFailureWords } from "./failure-words.ts";

/** 进度 / 结果: a bar while bytes move, then in words what became of it. */
export function TransferResult({
  task,
  transfer,
  ends,
  narrow,
}: {
  task: TaskRow;
  transfer: TransferRow;
  ends: Ends;
  /** The aside stands beside the list. */
  narrow: boolean;
}) {
  switch (transfer.status) {
    case "running":
      return <RunningResult transfer={transfer} />;
    case "failed":
      return <FailedResult task={task} transfer={transfer} ends={ends} />;
    default:
      return narrow ? <NarrowWords transfer={transfer} /> : <RestingWords transfer={transfer} />;
  }
}

function RunningResult({ transfer }: { transfer: TransferRow }) {
  const t = useTranslations("transfers.result");
  const verify = useTranslations("verify.transfer");
  const done = transfer.bytesCopied + transfer.bytesMounted + transfer.bytesSkipped;
  const speed = useSpeed(transfer.bytesCopied);
  const percent = transfer.sizeBytes ? wholePercent(done, transfer.sizeBytes) : 0;
  if (transfer.contentsVerified > 0) {
    return <span className="text-ink-2">{verify("running", { n: transfer.contentsVerified })}</span>;
  }
  return (
    <span className="flex items-center gap-3">
      <span className="w-24 min-w-6 shrink">
        <ProgressBar
          percent={percent}
          label={`${transfer.repository}:${transfer.tag}`}
          text={`${percent}%`}
        />
      </span>
      <span className="w-9 shrink-0 text-right text-ink">{`${percent}%`}</span>
      <span className="ml-auto min-w-[68px] shrink-0 whitespace-nowrap text-right text-ink-3">
        {transfer.attempts > 1
          ? t("attempt", { n: transfer.attempts })
          : speed === null
            ? formatBytes(done)
            : formatSpeed(speed)}
      </span>
    </span>
  );
}

function FailedResult({ task, transfer, ends }: { task: TaskRow; transfer: TransferRow; ends: Ends }) {
  const t = useTranslations("transfers.result");
  const words = useFailureWords();
  const { failure } = transfer;
  const short = failure ? words(failure, failureContext(task, transfer, ends)).short : t("failed");
  return (
    <span className="flex gap-2">
      <span className={`truncate first-letter:uppercase ${FAILED_TEXT}`}>
        {failure?.httpStatus ? (
          <>
            {failure.httpStatus}
            <span className="sep">{"·"}</span>
          </>
        ) : null}
        {short}
      </span>
      {transfer.attempts > 1 ? (
        <span className="ml-auto whitespace-nowrap text-ink-3">
          {t("attempts", { n: transfer.attempts })}
        </span>
      ) : null}
    </span>
  );
}

/** What became of a transfer that rests, in a line. */
export function RestingWords({ transfer }: { transfer: TransferRow }) {
  return useRestingWords()(transfer);
}

/** The same without what was reused where there is room for one figure: the aside tells both. */
function NarrowWords({ transfer }: { transfer: TransferRow }) {
  const words = useRestingWords();
  const whole = words(transfer);
  const brief = words({ ...transfer, bytesMounted: 0, bytesSkipped: 0 });
  return brief === whole ? (
    whole
  ) : (
    <>
      <span className="lg:max-xl:hidden">{whole}</span>
      <span className="hidden lg:max-xl:inline">{brief}</span>
    </>
  );
}

/** What became of a transfer that moves no more and did not fail. */
function useRestingWords(): (transfer: TransferRow) => string {
  const locale = useLocale() as Locale;
  const t = useTranslations("transfers.result");
  const verify = useTranslations("verify.transfer");
  return (transfer) => {
    const reused = transfer.bytesMounted + transfer.bytesSkipped;
    switch (transfer.status) {
      case "copied":
        return joinClauses(
          [
            transfer.replacedDigest ? t("replaced") : null,
            t("sent", { bytes: formatBytes(transfer.bytesCopied) }),
            reused > 0 ? t("reused", { bytes: formatBytes(reused) }) : null,
          ].filter((word) => word !== null),
          locale,
        );
      case "up-to-date":
        if (transfer.verification?.repaired) {
          return verify("upToDateRepaired", { n: transfer.verification.repaired });
        }
        return transfer.referrers?.copied
          ? t("upToDateSigned", { n: transfer.referrers.copied })
          : t("upToDate");
      case "skipped":
        return t(SKIPPED[transfer.reason ?? ""] ?? "exists");
      case "stopped":
        return t("stopped");
      default:
        return "—";
    }
  };
}

/** Why a transfer was skipped, beside that its tag exists. */
const SKIPPED: Readonly<Record<string, "sourceBehind" | "sourceDeleted" | "platformAbsent">> = {
  "source-behind": "sourceBehind",
  "source-deleted": "sourceDeleted",
  "platform-absent": "platformAbsent",
};

const LEAST_SPAN_MS = 1_500;

/** Bytes a second of one transfer, as this page sees it move; null until it has seen it move. */
function useSpeed(bytesCopied: number): number | null {
  const before = useRef<{ bytes: number; atMs: number } | null>(null);
  const [speed, setSpeed] = useState<number | null>(null);
  useEffect(() => {
    const now = Date.now();
    const last = before.current;
    if (last === null || bytesCopied < last.bytes) {
      before.current = { bytes: bytesCopied, atMs: now };
    } else if (now - last.atMs >= LEAST_SPAN_MS) {
      setSpeed(((bytesCopied - last.bytes) * 1000) / (now - last.atMs));
      before.current = { bytes: bytesCopied, atMs: now };
    }
  }, [bytesCopied]);
  return speed;
}
