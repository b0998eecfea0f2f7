"use client";

import { useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes.ts";
import type { PreviewOutcome, PreviewRow } from "@/lib/schemas/preview.ts";
import { VerdictBadge } from "../status/preview-verdict.tsx";
import { FailureLine } from "./failure-line.tsx";

export interface PreviewPlace {
  name: string;
}

interface PreviewTableProps {
  rows: readonly PreviewRow[];
  /** Names of the instances: the source, and the targets in the order of the question. */
  source: string;
  targets: readonly PreviewPlace[];
  /** Whether tags are chosen by an expression: then they are marked as matched too. */
  tagsMarked: boolean;
}

const HEAD =
  "sticky top-0 h-8 border-line-strong border-b bg-canvas px-2 text-left font-medium text-ink-3 text-meta";
const CELL = "border-line border-b px-2 py-1.5 align-top";

/** Repository by repository: each tag with the part that matched, and what becomes of it. */
export function PreviewTable({ rows, source, targets, tagsMarked }: PreviewTableProps) {
  const t = useTranslations("preview");
  return (
    <table className="w-full table-fixed border-separate border-spacing-0">
      <caption className="sr-only">{t("caption")}</caption>
      <thead>
        <tr>
          <th scope="col" className={`${HEAD} w-[25%] pl-6 max-md:pl-4`}>
            {t("column.repository")}
          </th>
          <th scope="col" className={`${HEAD} w-[17%]`}>
            {t("column.tag")}
          </th>
          <th scope="col" className={HEAD}>
            {t("column.verdict")}
          </th>
          <th scope="col" className={`${HEAD} w-[88px] pr-6 text-right max-md:pr-4`}>
            {t("column.size")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.index}>
            <th scope="row" className={`${CELL} pl-6 text-left font-normal wrap-anywhere max-md:pl-4`}>
              <Matched row={row} />
            </th>
            {row.tag === null ? (
              <td colSpan={3} className={`${CELL} pr-6 max-md:pr-4`}>
                <VerdictBadge verdict="unknown" word={t("unreadable")} />
                {row.failure ? <FailureLine failure={row.failure} instance={source} /> : null}
              </td>
            ) : (
              <>
                <td className={`${CELL} wrap-anywhere`}>
                  <code className="text-ink-2">
                    {tagsMarked ? <mark className={MARK}>{row.tag}</mark> : row.tag}
                  </code>
                </td>
                <td className={CELL}>
                  <Outcomes row={row} targets={targets} />
                </td>
                <td className={`${CELL} whitespace-nowrap pr-6 text-right text-ink-2 max-md:pr-4`}>
                  {row.bytes === null ? "—" : formatBytes(row.bytes)}
                </td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const MARK = "rounded-xs bg-azurite-soft px-0.5 text-azurite-fg";

/** The path below the namespace is what the expression is about; the namespace is only told on hover. */
function Matched({ row: { repository, matched } }: { row: PreviewRow }) {
  const [start, end] = matched;
  return (
    <code title={repository}>
      <span className="sr-only">{repository.slice(0, start)}</span>
      <mark className={MARK}>{repository.slice(start, end)}</mark>
    </code>
  );
}

function Outcomes({ row, targets }: { row: PreviewRow; targets: readonly PreviewPlace[] }) {
  const t = useTranslations("preview");
  if (row.outcomes.length === 0) {
    return <span className="text-ink-3">{t("chooseTarget")}</span>;
  }
  return (
    <ul className="grid gap-1">
      {row.outcomes.map((outcome) => (
        <li key={outcome.target} className="wrap-anywhere">
          {targets.length > 1 ? (
            <span className="text-ink-3 text-meta">
              {t("at", { instance: targets[outcome.target]?.name ?? "" })}
            </span>
          ) : null}
          <VerdictBadge verdict={outcome.verdict} />
          <Detail outcome={outcome} digest={row.digest} place={targets[outcome.target]} />
        </li>
      ))}
    </ul>
  );
}

interface DetailProps {
  outcome: PreviewOutcome;
  digest: string | null;
  place: PreviewPlace | undefined;
}

/** What is replaced by what, what stands in the way, or why nothing can be told. */
function Detail({ outcome: { verdict, standing, failure }, digest, place }: DetailProps) {
  const t = useTranslations("preview");
  const code = (value: string | null) => () => (
    <code title={value ?? undefined} className="whitespace-nowrap">
      {short(value)}
    </code>
  );
  if (failure) {
    return <FailureLine failure={failure} instance={place?.name} />;
  }
  if (verdict !== "overwrite" && verdict !== "exists" && verdict !== "behind") {
    return null;
  }
  return (
    <div className="pl-5 text-ink-3 text-meta">
      {verdict === "overwrite"
        ? t.rich("replaces", { old: code(standing), new: code(digest) })
        : t.rich("stands", { old: code(standing) })}
    </div>
  );
}

/** `9c41…77ae`: enough to tell two digests apart; whole on hover. */
function short(digest: string | null): string {
  const hex = digest?.slice(digest.indexOf(":") + 1) ?? "";
  return `${hex.slice(0, 4)}…${hex.slice(-4)}`;
}
