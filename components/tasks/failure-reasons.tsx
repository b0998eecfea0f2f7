"use client";

import { ChevronRight } from "lucide-react";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { FailureContext } from "@/lib/format/error-sentence.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import { searchHref } from "@/lib/format/search-href.ts";
import type { FailureFact, TaskRow } from "@/lib/schemas/task.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";
import { Link } from "../kit/link.tsx";
import { fetchJson } from "../live/fetch-json.ts";
import { useQuery } from "../live/query.tsx";
import { queryKeys } from "../live/query-keys.ts";
import { FAILED_TEXT } from "../status/look.tsx";
import { type Ends, failureContext } from "../transfers/failure-context.ts";
import { useFailureWords } from "../transfers/failure-words.ts";

export interface FailureReason {
  fact: FailureFact;
  reason: string;
  count: number;
  example: TransferRow;
}

/** Why transfers failed, most frequent first; each opens its first example. */
export function FailureReasons({
  task,
  initial,
  ends,
  search,
}: {
  task: TaskRow;
  initial: FailureReason[];
  ends: Ends;
  search: string;
}) {
  const t = useTranslations("tasks.reasons");
  const pathname = usePathname();
  const words = useFailureWords();
  const reasons = useReasons(task, initial);
  /** The sentence of the example; where it names its tag, which the others of the group do not share, a shorter one. */
  const said = (fact: FailureFact, context: FailureContext) => {
    const { title, short } = words(fact, context);
    return title === words(fact, { ...context, tag: undefined }).title
      ? title
      : t("of", { instance: context.instance ?? "", reason: short });
  };
  return (
    <section aria-labelledby="failure-reasons" className="min-w-0">
      <div className="mb-1 flex items-baseline text-meta text-ink-3">
        <h2 id="failure-reasons" className="font-normal">
          {t("title")}
        </h2>
        <span className="ml-auto">
          {reasons.length > 0
            ? t("count", { n: formatCount(task.counters.failed), m: reasons.length })
            : t(task.failure ? "scan" : task.endedAt ? "none" : "noneYet")}
        </span>
      </div>
      {/* The half of a row says that there are more. On a phone rows differ in height, so that none need be cut: all stand there. */}
      <ul className={reasons.length > 4 ? "max-h-[128px] overflow-y-auto max-md:max-h-none" : undefined}>
        {reasons.map(({ fact, count, example }) => (
          <li key={example.id} className="border-line border-t">
            <Link
              href={searchHref(pathname, search, { status: "failed", q: null, transfer: example.id })}
              scroll={false}
              className="flex h-9 items-center gap-3 hover:bg-hover max-md:h-auto max-md:min-h-11 max-md:py-1.5"
            >
              <span className={`min-w-4 text-right font-medium ${FAILED_TEXT}`}>{formatCount(count)}</span>
              <span className="truncate max-md:whitespace-normal max-md:wrap-anywhere">
                {said(fact, failureContext(task, example, ends))}
              </span>
              {/* Where the columns are narrow the sentence has its room: the transfer it opens gives the code. */}
              <span className="ml-auto max-w-28 shrink-0 truncate text-meta text-ink-3 lg:max-xl:hidden">
                {fact.httpStatus === null ? fact.code : t("http", { status: fact.httpStatus })}
              </span>
              <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-3 lg:max-xl:ml-auto" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Read again whenever another transfer has failed; until then what was known stays. */
function useReasons(task: TaskRow, initial: FailureReason[]): FailureReason[] {
  const { failed } = task.counters;
  const [known] = useState(failed);
  const { data } = useQuery({
    queryKey: queryKeys.failures(task.id, failed),
    queryFn: ({ signal }) => fetchJson<FailureReason[]>(`/api/tasks/${task.id}/failures`, signal),
    initialData: failed === known ? initial : undefined,
    placeholderData: (previous) => previous,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? initial;
}
