"use client";

import { type FocusEvent, type PointerEvent, useState } from "react";

/**
 * Rows do not move under the pointer, nor under the focus: while one of them rests on the list, rows that came in are counted
 * instead of shown. Spread `hold` on the element around the list. `list` names what is listed: rows of another page or filter
 * are shown whatever was held.
 */
export function useCalmRows<Row extends { id: string }>(rows: readonly Row[], list: string) {
  const [stored, setStored] = useState<{ list: string; ids: ReadonlySet<string> } | null>(null);
  const held = stored?.list === list ? stored.ids : null;
  const setHeld = (ids: ReadonlySet<string> | null) => setStored(ids && { list, ids });
  const [by, setBy] = useState({ pointer: false, focus: false });
  const shown = held === null ? rows : rows.filter(({ id }) => held.has(id));
  const change = (next: typeof by) => {
    setBy(next);
    if (!next.pointer && !next.focus) {
      setHeld(null);
    } else if (held === null) {
      setHeld(new Set(rows.map(({ id }) => id)));
    }
  };
  return {
    rows: shown,
    waiting: rows.length - shown.length,
    show: () => setHeld(new Set(rows.map(({ id }) => id))),
    hold: {
      onPointerEnter: (event: PointerEvent) => {
        if (event.pointerType === "mouse") {
          change({ ...by, pointer: true });
        }
      },
      onPointerLeave: () => change({ ...by, pointer: false }),
      onFocus: () => change({ ...by, focus: true }),
      onBlur: (event: FocusEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          change({ ...by, focus: false });
        }
      },
    },
  };
}
