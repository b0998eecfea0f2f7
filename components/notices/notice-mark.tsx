import clsx from "clsx";
import { CircleCheck, CircleDashed, CircleMinus, type LucideIcon, OctagonX } from "lucide-react";
import { useTranslations } from "next-intl";
import type { NoticeState } from "@/lib/schemas/words.ts";

const LOOK: Record<NoticeState, { icon: LucideIcon; ink: string }> = {
  waiting: { icon: CircleDashed, ink: "text-slate-fg" },
  sent: { icon: CircleCheck, ink: "text-malachite-fg" },
  failed: { icon: OctagonX, ink: "text-cinnabar-fg" },
  dropped: { icon: CircleMinus, ink: "text-slate-fg" },
};

/** What became of a notice: shape, colour and word. Apart from status-badge.tsx, whose texts this page has no use for. */
export function NoticeMark({ state }: { state: NoticeState }) {
  const t = useTranslations("notices.state");
  const { icon: Icon, ink } = LOOK[state];
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap font-medium", ink)}>
      <Icon aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
      {t(state)}
    </span>
  );
}
