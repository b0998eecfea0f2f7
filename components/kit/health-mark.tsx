import clsx from "clsx";
import { useTranslations } from "next-intl";
import type { HealthStatus } from "@/lib/schemas/instance.ts";

/** Shape, then word, then colour: ● ▲ and an octagon with a cross; a ring when nothing is known yet. */
export function HealthShape({ status }: { status: HealthStatus }) {
  if (status === "healthy") {
    return (
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className="shrink-0">
        <circle cx="5" cy="5" r="4" fill="var(--malachite-fill)" />
      </svg>
    );
  }
  if (status === "slow") {
    return (
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className="shrink-0">
        <path d="M5 .8 9.4 9H.6Z" fill="var(--gamboge-fill)" />
      </svg>
    );
  }
  if (status === "unreachable") {
    return (
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className="-mx-px shrink-0">
        <path d="M3.6.3h4.8l3.3 3.3v4.8l-3.3 3.3H3.6L.3 8.4V3.6Z" fill="var(--cinnabar-fill)" />
        <path d="m4 4 4 4m0-4-4 4" stroke="var(--surface)" strokeWidth="1.6" />
      </svg>
    );
  }
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className="shrink-0">
      <circle
        cx="5"
        cy="5"
        r="3.5"
        fill="none"
        stroke="var(--slate-fill)"
        strokeWidth="1.5"
        strokeDasharray="2 1.6"
      />
    </svg>
  );
}

const TONE: Record<HealthStatus, string> = {
  healthy: "text-malachite-fg",
  slow: "text-gamboge-fg",
  unreachable: "text-cinnabar-fg",
  unknown: "text-slate-fg",
};

export function HealthMark({ status }: { status: HealthStatus }) {
  const t = useTranslations("common");
  return (
    <span className={clsx("flex w-fit items-center gap-1.5 font-medium whitespace-nowrap", TONE[status])}>
      <HealthShape status={status} />
      {t(`health.${status}`)}
    </span>
  );
}
