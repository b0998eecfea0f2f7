import clsx from "clsx";
import { Replace } from "lucide-react";
import { GROUND, type Look, TEXT } from "./look.tsx";

/** What is replaced at a target: rouge, and nothing else is. */
export const OVERWRITES: Look = { icon: Replace, tone: "rouge" };

/** The mark of a rule that may replace content at its target. */
export function OverwriteMark({ word, className }: { word: string; className?: string }) {
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1 rounded-xs px-1.5 text-meta",
        TEXT.rouge,
        GROUND.rouge,
        className,
      )}
    >
      <Replace aria-hidden="true" size={12} strokeWidth={1.75} />
      {word}
    </span>
  );
}
