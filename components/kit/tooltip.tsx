"use client";

import { type PointerEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { lazily } from "./lazily.tsx";
import { Slot } from "./slot.tsx";

const TooltipWords = lazily(() => import("./tooltip-words.tsx").then((module) => module.TooltipWords));

const DELAY_MS = 300;
/** Long enough to move the pointer from the control to the words. */
const CLOSE_MS = 120;
/** After one was read the next opens at once. */
const WARM_MS = 300;

let closedAt = Number.NEGATIVE_INFINITY;

/**
 * Shows `content` on hover and on focus of its one child, which must be focusable. WCAG 2.2, 1.4.13: Escape closes it, the
 * pointer may move onto it. Written here because every page carries it: a general positioning library is ten times its size.
 */
export function Tooltip({ content, children }: { content: ReactNode; children: ReactNode }) {
  const id = useId();
  const anchor = useRef<HTMLElement>(null);
  const { open, show, hide } = useOpen();
  const enter = (event: PointerEvent) => {
    if (event.pointerType !== "touch") {
      show(performance.now() - closedAt < WARM_MS ? 0 : DELAY_MS);
    }
  };
  return (
    <>
      <Slot
        ref={anchor}
        {...(open ? { "aria-describedby": id } : {})}
        onPointerEnter={enter}
        onPointerLeave={() => hide(CLOSE_MS)}
        onPointerDown={() => hide(0)}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && show(0)}
        onBlur={() => hide(0)}
      >
        {children}
      </Slot>
      {open ? (
        <TooltipWords id={id} anchor={anchor} onEnter={() => show(0)} onLeave={() => hide(CLOSE_MS)}>
          {content}
        </TooltipWords>
      ) : null}
    </>
  );
}

function useOpen() {
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const set = (next: boolean, afterMs: number) => {
    clearTimeout(timer.current);
    if (afterMs === 0) {
      setOpen(next);
    } else {
      timer.current = setTimeout(() => setOpen(next), afterMs);
    }
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) {
      return;
    }
    const close = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.key === "Escape") {
        setOpen(false);
      }
    };
    document.addEventListener("keydown", close);
    document.addEventListener("scroll", close, { capture: true, passive: true });
    return () => {
      closedAt = performance.now();
      document.removeEventListener("keydown", close);
      document.removeEventListener("scroll", close, { capture: true });
    };
  }, [open]);
  return {
    open,
    show: (afterMs: number) => set(true, afterMs),
    hide: (afterMs: number) => set(false, afterMs),
  };
}
