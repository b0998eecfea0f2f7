import { CircleEqual, CircleHelp, CircleSlash, Minus, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import type { PreviewVerdict } from "@/lib/schemas/words.ts";
import { Badge, type Look } from "./look.tsx";
import { OVERWRITES } from "./overwrite-mark.tsx";

const VERDICT: Record<PreviewVerdict | "not-matched", Look> = {
  copy: { icon: Plus, tone: "azurite" },
  complete: { icon: Plus, tone: "azurite" },
  "up-to-date": { icon: CircleEqual, tone: "malachite" },
  overwrite: OVERWRITES,
  behind: { icon: CircleSlash, tone: "slate" },
  exists: { icon: CircleSlash, tone: "slate" },
  "platform-absent": { icon: CircleSlash, tone: "slate" },
  unknown: { icon: CircleHelp, tone: "gamboge" },
  "not-matched": { icon: Minus, tone: "slate" },
};

/** What would become of a tag; with how many of them, or in other words. */
export function VerdictBadge({
  verdict,
  count,
  word,
}: {
  verdict: PreviewVerdict | "not-matched";
  count?: string;
  word?: string;
}) {
  const t = useTranslations("preview");
  const name = word ?? t(`verdict.${verdict}`);
  return (
    <Badge look={VERDICT[verdict]} word={count ? t("verdictCount", { verdict: name, n: count }) : name} />
  );
}
