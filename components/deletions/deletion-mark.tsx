import clsx from "clsx";
import {
  CircleDashed,
  CircleSlash,
  Hourglass,
  type LucideIcon,
  OctagonX,
  ShieldCheck,
  Trash2,
  Undo2,
} from "lucide-react";
import { useTranslations } from "next-intl";
import type { DeletionState } from "@/lib/schemas/deletion-words.ts";

const LOOK: Record<DeletionState, { icon: LucideIcon; ink: string }> = {
  held: { icon: Hourglass, ink: "text-gamboge-fg" },
  pending: { icon: CircleDashed, ink: "text-slate-fg" },
  deleted: { icon: Trash2, ink: "text-slate-fg" },
  kept: { icon: ShieldCheck, ink: "text-malachite-fg" },
  withdrawn: { icon: CircleSlash, ink: "text-slate-fg" },
  refused: { icon: OctagonX, ink: "text-gamboge-fg" },
  failed: { icon: OctagonX, ink: "text-cinnabar-fg" },
  restored: { icon: Undo2, ink: "text-malachite-fg" },
};

/** The state of a deletion: shape, colour and word. Apart from status-badge.tsx, whose texts no page of deletions has a use for. */
export function DeletionMark({ state }: { state: DeletionState }) {
  const t = useTranslations("deletions.state");
  return (
    <span className={clsx("inline-flex items-center gap-1.5 whitespace-nowrap font-medium", LOOK[state].ink)}>
      <DeletionShape state={state} />
      {t(state)}
    </span>
  );
}

export function DeletionShape({ state }: { state: DeletionState }) {
  const { icon: Icon, ink } = LOOK[state];
  return <Icon aria-hidden size={14} strokeWidth={1.75} className={clsx("shrink-0", ink)} />;
}
