import { TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { CREDENTIAL_OLD_DAYS } from "@/lib/schemas/words.ts";
import { Tooltip } from "../kit/tooltip.tsx";

const DAY_MS = 86_400_000;

/** Whole days since then. */
export function ageDays(since: string, nowMs: number = Date.now()): number {
  return Math.max(0, Math.floor((nowMs - Date.parse(since)) / DAY_MS));
}

interface CredentialAgeProps {
  hasPassword: boolean;
  /** Null: from before the age was kept. */
  setAt: string | null;
}

/** 62天; old ones ask to be looked at, in shape and word. */
export function CredentialAge({ hasPassword, setAt }: CredentialAgeProps) {
  const t = useTranslations("instances.credential");
  if (!hasPassword) {
    return <span className="text-ink-3">{t("none")}</span>;
  }
  if (setAt === null) {
    return (
      <Noted note={t("unknownHint")} className="text-ink-3">
        {t("unknown")}
      </Noted>
    );
  }
  const days = ageDays(setAt);
  const text = days === 0 ? t("today") : t("days", { n: days });
  if (days < CREDENTIAL_OLD_DAYS) {
    return <span suppressHydrationWarning>{text}</span>;
  }
  return (
    <Noted note={t("old", { n: CREDENTIAL_OLD_DAYS })} className="text-gamboge-fg">
      <TriangleAlert aria-hidden className="size-3.5 self-center stroke-[1.9]" />
      {text}
    </Noted>
  );
}

function Noted({
  note,
  className,
  children,
}: {
  note: string;
  className: string;
  children: React.ReactNode;
}) {
  return (
    <Tooltip content={note}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the note must be reachable by keyboard */}
      <span tabIndex={0} className={`inline-flex items-baseline gap-1 ${className}`}>
        {children}
      </span>
    </Tooltip>
  );
}
