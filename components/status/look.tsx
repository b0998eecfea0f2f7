import clsx from "clsx";
import type { ComponentType } from "react";
import type { IconProps } from "../kit/circle-dashed.tsx";

/*
 * Only this folder gives a status its colour and shape (design, "Status vocabulary"). Bare in tables; as a chip in titles. The
 * word is always there, the icon is hidden from readers. A file a kind of status: a page carries those that it shows.
 */
type Tone = "azurite" | "malachite" | "gamboge" | "cinnabar" | "rouge" | "slate";

export interface Look {
  icon: ComponentType<IconProps>;
  tone: Tone;
}

export const TEXT: Record<Tone, string> = {
  azurite: "text-azurite-fg",
  malachite: "text-malachite-fg",
  gamboge: "text-gamboge-fg",
  cinnabar: "text-cinnabar-fg",
  rouge: "text-rouge-fg",
  slate: "text-slate-fg",
};

export const GROUND: Record<Tone, string> = {
  azurite: "bg-azurite-soft",
  malachite: "bg-malachite-soft",
  gamboge: "bg-gamboge-soft",
  cinnabar: "bg-cinnabar-soft",
  rouge: "bg-rouge-soft",
  slate: "bg-slate-soft",
};

export const FAILED_TEXT = TEXT.cinnabar;
export const WAITING_TEXT = TEXT.gamboge;

interface BadgeProps {
  look: Look;
  word: string;
  chip?: boolean | undefined;
  moving?: boolean | undefined;
}

/** A status in its colour, with its shape and its word. */
export function Badge({ look, word, chip, moving }: BadgeProps) {
  const Icon = look.icon;
  return (
    <span
      className={clsx(
        "inline-flex whitespace-nowrap align-top font-medium",
        TEXT[look.tone],
        chip
          ? `h-[22px] items-center gap-1 rounded-xs px-2 text-meta ${GROUND[look.tone]}`
          : "items-baseline gap-1.5",
      )}
    >
      <Icon
        aria-hidden="true"
        size={chip ? 12 : 14}
        strokeWidth={1.75}
        className={clsx("shrink-0 self-center", moving && "running-mark")}
      />
      {word}
    </span>
  );
}

/** The shape alone, beside a word that names it. */
export function StatusIcon({ look: { icon: Icon, tone }, size = 14 }: { look: Look; size?: 12 | 14 }) {
  return (
    <Icon
      aria-hidden="true"
      size={size}
      strokeWidth={size === 12 ? 1.9 : 1.75}
      className={clsx("shrink-0", TEXT[tone])}
    />
  );
}
