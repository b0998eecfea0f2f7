"use client";

import { type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";

const GAP = 6;
const MARGIN = 8;

interface TooltipWordsProps {
  id: string;
  anchor: RefObject<HTMLElement | null>;
  onEnter: () => void;
  onLeave: () => void;
  children: ReactNode;
}

/** Above its anchor, below where there is no room, never off the screen. */
export function TooltipWords({ id, anchor, onEnter, onLeave, children }: TooltipWordsProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const at = anchor.current?.getBoundingClientRect();
    if (!box.current || !at) {
      return;
    }
    const { offsetWidth: width, offsetHeight: height, style } = box.current;
    const left = at.left + at.width / 2 - width / 2;
    const above = at.top - height - GAP;
    style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN))}px`;
    style.top = `${above >= MARGIN ? above : at.bottom + GAP}px`;
  }, [anchor]);
  return createPortal(
    <div
      ref={box}
      id={id}
      role="tooltip"
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
      className="pop fixed top-0 left-0 z-50 max-w-80 rounded-md bg-surface px-3 py-2 text-meta text-ink-2 shadow-pop wrap-anywhere"
    >
      {children}
    </div>,
    document.body,
  );
}
