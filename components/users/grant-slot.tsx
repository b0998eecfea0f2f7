"use client";

import clsx from "clsx";
import { Eye, Inbox, Pencil, Play } from "lucide-react";
import type { Grant } from "@/lib/schemas/instance.ts";

const ICON = { view: Eye, operate: Play, manage: Pencil, receive: Inbox } as const;

interface LookProps {
  grant: Grant;
  held: boolean;
}

/** 25×26, dot and mark drawn by its own box, for a matrix has hundreds of them: soft when held, solid for manage (it can destroy), a dot when not; the box shows when the row is in use. */
function look({ grant, held }: LookProps): string {
  return clsx(
    "relative inline-flex h-[26px] w-[25px] shrink-0 items-center justify-center rounded-[3px] [&_svg]:size-3.5 [&_svg]:stroke-[1.9]",
    held
      ? grant === "manage"
        ? "bg-azurite text-on-azurite"
        : "bg-azurite-soft text-azurite-fg shadow-[inset_0_0_0_1px_var(--azurite-line)]"
      : "text-line-control before:size-[3px] before:rounded-full before:bg-current group-hover/row:shadow-[inset_0_0_0_1px_var(--line-control)] group-focus-within/row:shadow-[inset_0_0_0_1px_var(--line-control)]",
  );
}

const UNSAVED =
  "after:-top-[3px] after:-right-[3px] after:absolute after:size-2 after:rounded-full after:bg-gamboge-fill after:ring-1 after:ring-surface";

/** The look alone, for the legend. */
export function GrantSample({ grant }: { grant: Grant }) {
  const Icon = ICON[grant];
  return (
    <span aria-hidden className={look({ grant, held: true })}>
      <Icon />
    </span>
  );
}

interface GrantSlotProps extends LookProps {
  unsaved: boolean;
  label: string;
  /** Only one slot of the matrix is a tab stop; arrows move to the others. */
  tabStop: boolean;
  place: { row: number; column: number };
}

/** Clicks, keys and hovers are handled once, by the matrix around it (data-row, data-column). */
export function GrantSlot({ grant, held, unsaved, label, tabStop, place }: GrantSlotProps) {
  const Icon = ICON[grant];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native box cannot hold the icon that tells which grant it is
    <button
      type="button"
      role="checkbox"
      aria-checked={held}
      aria-label={label}
      tabIndex={tabStop ? 0 : -1}
      data-row={place.row}
      data-column={place.column}
      className={clsx(look({ grant, held }), unsaved && UNSAVED)}
    >
      {held ? <Icon aria-hidden /> : null}
    </button>
  );
}
