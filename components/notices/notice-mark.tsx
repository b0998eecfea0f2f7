import { CircleCheck, CircleMinus, OctagonX } from "lucide-react";
import { useTranslations } from "next-intl";
import type { NoticeState } from "@/lib/schemas/words.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { Badge, type Look, StatusIcon } from "../status/look.tsx";

const NOTICE: Record<NoticeState, Look> = {
  waiting: { icon: CircleDashed, tone: "slate" },
  sent: { icon: CircleCheck, tone: "malachite" },
  failed: { icon: OctagonX, tone: "cinnabar" },
  dropped: { icon: CircleMinus, tone: "slate" },
};

/** What became of a notice. */
export function NoticeMark({ state }: { state: NoticeState }) {
  const t = useTranslations("notices.state");
  return <Badge look={NOTICE[state]} word={t(state)} />;
}

/** Its shape, beside a word of the page's own. */
export function NoticeShape({ state }: { state: NoticeState }) {
  return <StatusIcon look={NOTICE[state]} />;
}
