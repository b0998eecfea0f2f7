"use client";

import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { HintTarget } from "./grant-hint.tsx";

interface GridOptions {
  rows: number;
  columns: number;
  toggle: (row: number, column: number) => void;
}

/** One handler for all slots: which one is the tab stop, arrow keys, clicks, and which one is looked at. */
export function useGrid({ rows, columns, toggle }: GridOptions) {
  const ref = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const [hint, setHint] = useState<HintTarget | null>(null);

  const onKey = useEffectEvent((event: KeyboardEvent, row: number, column: number) => {
    const moves: Record<string, [number, number]> = {
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      ArrowDown: [row + 1, column],
      ArrowUp: [row - 1, column],
      Home: [row, 0],
      End: [row, columns - 1],
    };
    const [toRow, toColumn] = moves[event.key] ?? [-1, -1];
    if (moves[event.key]) {
      event.preventDefault();
    }
    if (toRow >= 0 && toRow < rows && toColumn >= 0 && toColumn < columns) {
      const next = ref.current?.querySelector<HTMLElement>(
        `[data-row="${toRow}"][data-column="${toColumn}"]`,
      );
      next?.focus();
      next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    if (event.key === "Escape") {
      setHint(null);
    }
  });
  const onClick = useEffectEvent((row: number, column: number) => toggle(row, column));

  useEffect(() => {
    const box = ref.current;
    if (!box) {
      return;
    }
    const slotOf = (event: Event) => {
      const slot = (event.target as Element).closest<HTMLElement>("[data-column]");
      return slot ? { slot, row: Number(slot.dataset.row), column: Number(slot.dataset.column) } : null;
    };
    const look = (event: Event) => {
      const found = slotOf(event);
      if (found && event.type === "focusin") {
        setActive({ row: found.row, column: found.column });
      }
      setHint(found);
    };
    const listeners: [string, (event: Event) => void][] = [
      [
        "click",
        (event) => {
          const found = slotOf(event);
          if (found) {
            onClick(found.row, found.column);
          }
        },
      ],
      [
        "keydown",
        (event) => {
          const found = slotOf(event);
          if (found) {
            onKey(event as KeyboardEvent, found.row, found.column);
          }
        },
      ],
      ["focusin", look],
      ["focusout", () => setHint(null)],
      ["mouseover", look],
      ["mouseleave", () => setHint(null)],
    ];
    for (const [name, listener] of listeners) {
      box.addEventListener(name, listener);
    }
    return () => {
      for (const [name, listener] of listeners) {
        box.removeEventListener(name, listener);
      }
    };
  }, []);
  const safe = {
    row: Math.min(active.row, Math.max(0, rows - 1)),
    column: Math.min(active.column, Math.max(0, columns - 1)),
  };
  return { ref, active: safe, hint };
}
