"use client";

import { useTranslations } from "next-intl";
import type { TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { AbsoluteTime } from "../kit/relative-time.tsx";
import { FAILED_TEXT } from "../status/look.tsx";
import { type Ends, failureContext } from "./failure-context.ts";
import { FailureTitle } from "./failure-title.tsx";
import { useFailureWords } from "./failure-words.ts";

interface AttemptListProps {
  task: TaskRow;
  transfer: TransferRow;
  ends: Ends;
  headings: "h2" | "h3";
}

/** Each attempt that went wrong: when, what failed in words, and the request with the registry's own. */
export function AttemptList({ task, transfer, ends, headings: Heading }: AttemptListProps) {
  const t = useTranslations("transfers.detail");
  const words = useFailureWords();
  const { attemptFailures, status } = transfer;
  // The last one of a failed transfer is told above.
  const earlier = status === "failed" ? attemptFailures.slice(0, -1) : attemptFailures;
  if (earlier.length === 0) {
    return null;
  }
  return (
    <div className="mt-3 border-line border-t pt-2.5">
      <Heading>{t("earlier")}</Heading>
      <ol className="mt-1 grid gap-2">
        {earlier.map(({ attempt, at, fact }) => (
          <li key={attempt} className="min-w-0">
            <p className="text-meta text-ink-3">
              {t("attempt", { n: attempt })}
              <span className="sep">{"·"}</span>
              <AbsoluteTime at={at} />
            </p>
            <p className="wrap-anywhere">
              {fact.httpStatus === null ? null : (
                <span className={`mr-1.5 font-medium ${FAILED_TEXT}`}>{fact.httpStatus}</span>
              )}
              <FailureTitle title={words(fact, failureContext(task, transfer, ends, fact.side)).title} />
            </p>
            {[fact.request, fact.requestId, fact.registryMessage].map((text) =>
              text ? (
                <code key={text} className="block text-[12px] text-ink-2 leading-[18px] wrap-anywhere">
                  {text}
                </code>
              ) : null,
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
