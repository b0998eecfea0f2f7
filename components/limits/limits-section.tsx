"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { InstanceLimits, LimitsInUse } from "@/lib/schemas/limits.ts";
import { Section } from "../instances/section.tsx";
import { useLimitWords } from "./limit-words.ts";

/** What an instance bears, what is in use of it now, and when that changes. */
export function LimitsSection({
  limits,
  inUse,
  edit,
}: {
  limits: InstanceLimits;
  inUse: LimitsInUse;
  /** Where it is changed, for whoever may. */
  edit: ReactNode;
}) {
  const t = useTranslations("limits");
  const words = useLimitWords();
  const { now, next, workers, held } = inUse;
  return (
    <Section title={t("title")} beside={edit}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <Rate
          label={t("read")}
          cap={now.readBytesPerSecond}
          used={inUse.readBytesPerSecond}
          held={held.read}
        />
        <Rate
          label={t("write")}
          cap={now.writeBytesPerSecond}
          used={inUse.writeBytesPerSecond}
          held={held.write}
        />
        <Line label={t("copies")} held={held.copies}>
          {now.copies === null ? t("unlimited") : t("layersOf", { used: inUse.copies, limit: now.copies })}
        </Line>
        <Line label={t("workers")}>{t("workersValue", { n: workers })}</Line>
        {next ? (
          <Line label={t("next")}>
            <span suppressHydrationWarning>
              {t("nextValue", { at: words.moment(next.at), rates: words.rates(next.limits) })}
            </span>
          </Line>
        ) : null}
      </dl>
      {limits.windows.length > 0 ? (
        <>
          <h3 className="mt-3 text-ink-3 text-meta">
            {t("windows")} · {limits.timeZone}
          </h3>
          <ul className="mt-1 grid gap-1">
            {limits.windows.map((window, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: their order is what tells windows apart
              <li key={index} aria-current={now.window === index ? "true" : undefined}>
                <span className={now.window === index ? "font-medium" : undefined}>{words.span(window)}</span>{" "}
                <span className="text-ink-3">{words.rates(window)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Section>
  );
}

function Rate({
  label,
  cap,
  used,
  held,
}: {
  label: string;
  cap: number | null;
  used: number;
  held: boolean;
}) {
  const t = useTranslations("limits");
  const { rate } = useLimitWords();
  return (
    <Line label={label} held={held}>
      {cap === null ? t("unlimited") : t("of", { used: rate(used), limit: rate(cap) })}
    </Line>
  );
}

function Line({ label, held = false, children }: { label: string; held?: boolean; children: ReactNode }) {
  const t = useTranslations("limits");
  return (
    <>
      <dt className="whitespace-nowrap text-ink-3">{label}</dt>
      <dd className="min-w-0 wrap-anywhere tabular-nums">
        {children}
        {held ? <span className="ml-2 text-gamboge-fg">{t("held")}</span> : null}
      </dd>
    </>
  );
}
