import { CircleSlash, Hourglass, OctagonX, ShieldCheck, Trash2, Undo2 } from "lucide-react";
import { useTranslations } from "next-intl";
import type { DeletionState } from "@/lib/schemas/deletion-words.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { Badge, type Look, StatusIcon } from "../status/look.tsx";

const DELETION: Record<DeletionState, Look> = {
  held: { icon: Hourglass, tone: "gamboge" },
  pending: { icon: CircleDashed, tone: "slate" },
  deleted: { icon: Trash2, tone: "slate" },
  kept: { icon: ShieldCheck, tone: "malachite" },
  withdrawn: { icon: CircleSlash, tone: "slate" },
  refused: { icon: OctagonX, tone: "gamboge" },
  failed: { icon: OctagonX, tone: "cinnabar" },
  restored: { icon: Undo2, tone: "malachite" },
};

/** The state of a deletion. */
export function DeletionMark({ state }: { state: DeletionState }) {
  const t = useTranslations("deletions.state");
  return <Badge look={DELETION[state]} word={t(state)} />;
}

export function DeletionShape({ state }: { state: DeletionState }) {
  return <StatusIcon look={DELETION[state]} />;
}
