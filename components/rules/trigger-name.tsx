import { Clock, Hand, type LucideIcon, Scale, ShieldCheck, Zap } from "lucide-react";
import { useTranslations } from "next-intl";
import type { Trigger } from "@/lib/schemas/words.ts";

const TRIGGER_ICON: Record<Trigger, LucideIcon> = {
  manual: Hand,
  event: Zap,
  schedule: Clock,
  reconcile: Scale,
  verify: ShieldCheck,
};

export function TriggerName({ trigger }: { trigger: Trigger }) {
  const t = useTranslations("status.trigger");
  const Icon = TRIGGER_ICON[trigger];
  return (
    <span className="inline-flex max-w-full items-baseline gap-1.5 whitespace-nowrap align-top">
      <Icon aria-hidden className="size-3.5 shrink-0 self-center stroke-[1.75]" />
      {t(trigger)}
    </span>
  );
}

/** In a cell: who triggered it, or what did; the shape says how. Without an element around it: a list has one a row. */
export function TriggeredBy({ trigger, name }: { trigger: Trigger; name: string | null }) {
  const t = useTranslations("status.trigger");
  const Icon = TRIGGER_ICON[trigger];
  const named = name === null ? { "aria-hidden": true } : { role: "img", "aria-label": t(trigger) };
  return (
    <>
      <Icon {...named} className="mr-1.5 inline size-3.5 stroke-[1.75] align-[-2px]" />
      {name ?? t(trigger)}
    </>
  );
}
