import clsx from "clsx";
import type { ReactNode } from "react";

export type ButtonVariant = "primary" | "plain" | "quiet" | "danger";
export type ButtonSize = "sm" | "md" | "lg";

export interface Look {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** An element, such as `<Plus />`; a button without children needs an `aria-label`. */
  icon?: ReactNode;
}

const VARIANT: Record<ButtonVariant, string> = {
  primary: "bg-azurite text-on-azurite hover:bg-azurite-strong",
  plain:
    "bg-surface text-ink shadow-[inset_0_0_0_1px_var(--line-control)] hover:bg-hover hover:shadow-[inset_0_0_0_1px_var(--ink-3)]",
  quiet: "bg-transparent text-ink-2 hover:bg-hover hover:text-ink",
  danger:
    "bg-surface text-cinnabar-fg shadow-[inset_0_0_0_1px_var(--cinnabar-line)] hover:bg-cinnabar-soft hover:shadow-[inset_0_0_0_1px_var(--cinnabar-fill)]",
};
const SIZE: Record<ButtonSize, string> = {
  sm: "h-7 px-2.5 max-md:min-h-11",
  md: "h-8 px-3 max-md:min-h-11",
  lg: "h-10 px-4 max-md:min-h-11",
};
const BASE =
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-sm font-medium whitespace-nowrap transition-colors duration-(--t-fast) [&_svg]:size-3.5 [&_svg]:stroke-[1.9]";
const OFF = "bg-transparent text-ink-disabled";
/** What never had an edge gets none by being off. */
const OFF_EDGE = "shadow-[inset_0_0_0_1px_var(--line-strong)]";

/** Classes of everything that looks like a button. */
export function look({ variant = "plain", size = "md", off = false, iconOnly = false, className = "" }) {
  return clsx(
    BASE,
    SIZE[size as ButtonSize],
    off ? [OFF, variant !== "quiet" && OFF_EDGE] : VARIANT[variant as ButtonVariant],
    iconOnly && "aspect-square px-0!",
    className,
  );
}
