"use client";

import clsx from "clsx";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

interface DisclosureButtonProps {
  open: boolean;
  /** Id of what it unfolds. */
  controls: string;
  onToggle: () => void;
  /** What is in there, while it is folded away. */
  hint: ReactNode;
  children: ReactNode;
}

/** Folds a part of a form away, and out again. */
export function DisclosureButton({ open, controls, onToggle, hint, children }: DisclosureButtonProps) {
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-controls={controls}
      onClick={onToggle}
      className="flex min-h-8 items-center gap-1.5 font-medium max-md:min-h-11"
    >
      <ChevronRight
        aria-hidden
        className={clsx("size-3.5 text-ink-3 transition-transform duration-(--t-fast)", open && "rotate-90")}
      />
      {children}
      {open ? null : <span className="font-normal text-ink-3 text-meta">{hint}</span>}
    </button>
  );
}
