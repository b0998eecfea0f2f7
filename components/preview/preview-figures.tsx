"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { byteFigure } from "@/lib/format/bytes.ts";
import { formatCount } from "@/lib/format/ratio.ts";
import type { PreviewTotals } from "@/lib/schemas/preview.ts";
import { PREVIEW_VERDICTS, type PreviewVerdict } from "@/lib/schemas/words.ts";
import { VERDICT_FILL } from "../status/fills.ts";
import { VerdictBadge } from "../status/preview-verdict.tsx";
import { movesOf } from "./preview-state.ts";

/** Repositories, tags and bytes in figures; a bar of verdicts; the verdicts counted. A dash is what is not known yet. */
export function PreviewFigures({ totals, running }: { totals: PreviewTotals | null; running: boolean }) {
  const t = useTranslations("preview");
  const bytes = byteFigure(totals?.bytes.toMove ?? 0);
  const { repositories, tags } = totals ?? {};
  const atLeast = (incomplete: boolean | undefined) => (incomplete && !running ? t("atLeast") : null);
  return (
    <>
      <div className="mt-2.5 flex flex-wrap items-end gap-x-8 gap-y-1">
        <Figure value={repositories?.matched} before={atLeast(!repositories?.complete)}>
          {repositories && repositories.listed !== null
            ? t("repositories.of", { n: formatCount(repositories.listed) })
            : t("repositories.plain", { n: repositories?.matched ?? 0 })}
        </Figure>
        <Figure value={tags?.matched} before={atLeast(!tags?.complete)}>
          {t("tags", { n: tags?.matched ?? 0 })}
        </Figure>
        <Figure
          value={movesOf(totals) > 0 ? bytes.value : totals ? 0 : undefined}
          before={totals?.bytes.state === "estimated" ? t("about") : null}
        >
          {totals ? t("toMove", { unit: bytes.unit }) : t("toMoveUncounted")}
        </Figure>
      </div>
      <VerdictBar verdicts={totals?.verdicts} />
    </>
  );
}

function Figure({
  value,
  before,
  children,
}: {
  value: number | string | undefined;
  before: string | null;
  children: ReactNode;
}) {
  return (
    <div className="whitespace-nowrap">
      {before ? <span className="mr-1 text-ink-3">{before}</span> : null}
      <span className="font-medium text-figure">
        {typeof value === "number" ? formatCount(value) : (value ?? "—")}
      </span>
      <span className="ml-1 text-ink-3">{children}</span>
    </div>
  );
}

/** Told where it comes up. */
const SELDOM: ReadonlySet<PreviewVerdict> = new Set(["complete", "behind", "platform-absent", "unknown"]);

function VerdictBar({ verdicts }: { verdicts: PreviewTotals["verdicts"] | undefined }) {
  const t = useTranslations("preview");
  const join = useTranslations("common")("listSeparator");
  const shown = PREVIEW_VERDICTS.filter((verdict) => !SELDOM.has(verdict) || (verdicts?.[verdict] ?? 0) > 0);
  const parts = PREVIEW_VERDICTS.filter((verdict) => (verdicts?.[verdict] ?? 0) > 0);
  const word = (verdict: (typeof PREVIEW_VERDICTS)[number]) =>
    t("verdictCount", { verdict: t(`verdict.${verdict}`), n: formatCount(verdicts?.[verdict] ?? 0) });
  return (
    <>
      <div
        role="img"
        aria-label={t("bar", { parts: parts.map(word).join(join) || "—" })}
        className="mt-2.5 flex h-2 gap-px bg-(--track)"
      >
        {parts.map((verdict) => (
          <i
            key={verdict}
            className="min-w-0.5"
            style={{ flex: verdicts?.[verdict], background: VERDICT_FILL[verdict] }}
          />
        ))}
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-meta">
        {shown.map((verdict) => (
          <li key={verdict}>
            <VerdictBadge verdict={verdict} count={verdicts ? formatCount(verdicts[verdict]) : "—"} />
          </li>
        ))}
      </ul>
    </>
  );
}
