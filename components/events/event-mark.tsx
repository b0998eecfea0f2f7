import { CircleCheck, CircleMinus, ShieldX } from "lucide-react";
import { useTranslations } from "next-intl";
import type { EventState } from "@/lib/schemas/words.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { Badge, type Look } from "../status/look.tsx";

const EVENT: Record<EventState, Look> = {
  accepted: { icon: CircleDashed, tone: "slate" },
  processed: { icon: CircleCheck, tone: "malachite" },
  ignored: { icon: CircleMinus, tone: "slate" },
  refused: { icon: ShieldX, tone: "cinnabar" },
};

/** What became of an event. */
export function EventMark({ state }: { state: EventState }) {
  const t = useTranslations("events");
  return <Badge look={EVENT[state]} word={t(`state.${state}`)} />;
}
