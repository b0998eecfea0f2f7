import clsx from "clsx";
import { CircleCheck, CircleDashed, CircleMinus, type LucideIcon, ShieldX } from "lucide-react";
import { useTranslations } from "next-intl";
import type { EventState } from "@/lib/schemas/words.ts";

const LOOK: Record<EventState, { icon: LucideIcon; ink: string }> = {
  accepted: { icon: CircleDashed, ink: "text-slate-fg" },
  processed: { icon: CircleCheck, ink: "text-malachite-fg" },
  ignored: { icon: CircleMinus, ink: "text-slate-fg" },
  refused: { icon: ShieldX, ink: "text-cinnabar-fg" },
};

/** What became of an event: shape, colour and word. Apart from status-badge.tsx, whose texts this page has no use for. */
export function EventMark({ state }: { state: EventState }) {
  const t = useTranslations("events");
  const { icon: Icon, ink } = LOOK[state];
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap font-medium", ink)}>
      <Icon aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
      {t(`state.${state}`)}
    </span>
  );
}
