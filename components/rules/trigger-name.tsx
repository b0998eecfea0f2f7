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

export function TriggerName({ trigger, word }: { trigger: Trigger; word?: string | undefined }) {
  const t = useTranslations("status.trigger");
  const Icon = TRIGGER_ICON[trigger];
  return (
    <span className="inline-flex max-w-full items-baseline gap-1.5 whitespace-nowrap align-top">
      <Icon aria-hidden className="size-3.5 shrink-0 self-center stroke-[1.75]" />
      {word ? (
        <>
          <span className="sr-only">{t(trigger)}</span>
          <span className="truncate" title={word}>
            {word}
          </span>
        </>
      ) : (
        t(trigger)
      )}
    </span>
  );
}
