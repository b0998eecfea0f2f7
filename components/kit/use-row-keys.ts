"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { copyText } from "./copy-text.ts";
import type { Shortcut } from "./shortcut-registry.ts";
import { useShortcuts } from "./shortcuts.tsx";
import { showToast } from "./toast.tsx";

/** What a row needs to be reached by keys. */
export interface RowProps {
  "data-row": string;
  tabIndex: -1;
}

interface RowKeysOptions<Row extends { id: string }> {
  /** As they stand on the page. */
  rows: readonly Row[];
  /** `Enter` on a row; without it the first link of the row is followed. */
  open?: (row: Row) => void;
  /** `x` gives one id, `Shift+x` all from the last one to this. Absent: the list has no selection. */
  select?: (ids: readonly string[], range: boolean) => void;
  /** What `c` copies, usually the id. */
  copy?: (row: Row) => string;
  /** Further keys, such as `t` and `e`. Without `run` the element of the row that carries `data-key` is pressed. */
  actions?: readonly { keys: string; label: string; run?: (row: Row) => void }[];
}

/**
 * Keys of a list: `j` and `k` (and the arrows once a row has focus) move from row to row, the other keys act on the row
 * that holds the focus. Spread `rowProps(row.id)` on each `Row`. One list a page.
 */
export function useRowKeys<Row extends { id: string }>({
  rows,
  open,
  select,
  copy,
  actions = [],
}: RowKeysOptions<Row>): { rowProps: (id: string) => RowProps } {
  const t = useTranslations("shortcuts");
  const common = useTranslations("common.copy");
  const last = useRef<{ id: string | null; anchor: string | null }>({ id: null, anchor: null });

  const focused = () => {
    const element = document.activeElement?.closest<HTMLElement>("[data-row]");
    const row = rows.find(({ id }) => id === element?.dataset.row);
    return element && row ? { element, row } : null;
  };
  const move = (step: 1 | -1) => {
    const from = focused()?.row.id ?? last.current.id;
    const index = rows.findIndex(({ id }) => id === from);
    const next = rows[index === -1 ? (step === 1 ? 0 : rows.length - 1) : index + step];
    if (next && focusRow(next.id)) {
      last.current.id = next.id;
    }
  };
  const withRow = (run: (row: Row, element: HTMLElement) => void) => () => {
    const found = focused();
    if (found) {
      last.current.id = found.row.id;
      run(found.row, found.element);
    }
  };
  const onRow = () => focused() !== null;
  const onRowItself = () => document.activeElement?.matches("[data-row]") === true && onRow();
  const pick = (range: boolean) =>
    withRow((row) => {
      const { anchor } = last.current;
      const ids = rows.map(({ id }) => id);
      const [from, to] = [ids.indexOf(anchor ?? row.id), ids.indexOf(row.id)].sort((a, b) => a - b);
      last.current.anchor = row.id;
      select?.(
        range && from !== undefined && from >= 0 ? ids.slice(from, (to ?? from) + 1) : [row.id],
        range,
      );
    });
  const list = (
    keys: string,
    label: string,
    rest: Pick<Shortcut, "run" | "when" | "repeats" | "listed">,
  ): Shortcut => ({
    keys,
    label,
    group: "list",
    ...rest,
  });

  useFocusKept(rows);
  const some = rows.length > 0;
  useShortcuts([
    list("j", t("nextRow"), { run: () => move(1), repeats: true, when: some }),
    list("k", t("previousRow"), { run: () => move(-1), repeats: true, when: some }),
    list("ArrowDown", t("nextRow"), { run: () => move(1), repeats: true, when: onRowItself, listed: some }),
    list("ArrowUp", t("previousRow"), {
      run: () => move(-1),
      repeats: true,
      when: onRowItself,
      listed: some,
    }),
    list("Enter", t("openRow"), {
      run: withRow((row, element) => (open ? open(row) : pressIn(element, "Enter"))),
      when: onRowItself,
      listed: some,
    }),
    ...(select
      ? [
          list("x", t("selectRow"), { run: pick(false), when: some }),
          list("Shift+x", t("selectRange"), { run: pick(true), when: some }),
        ]
      : []),
    ...actions.map(({ keys, label, run }) =>
      list(keys, label, {
        run: withRow((row, element) => (run ? run(row) : pressIn(element, keys))),
        when: some,
      }),
    ),
    ...(copy
      ? [
          list("c", t("copyId"), {
            run: withRow(async (row) => {
              showToast(
                (await copyText(copy(row)))
                  ? { message: t("copied", { value: copy(row) }) }
                  : { tone: "failed", message: common("refused") },
              );
            }),
            when: some,
          }),
        ]
      : []),
  ]);
  return { rowProps: (id) => ({ "data-row": id, tabIndex: -1 }) };
}

/** @returns false where there is no such row */
function focusRow(id: string): boolean {
  const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);
  row?.focus({ focusVisible: true } as FocusOptions);
  row?.scrollIntoView({ block: "nearest" });
  return row !== null;
}

/** What held the focus is gone: the row gets it, or what stands around the list, so that keys go on from there. */
export function regainFocus(id: string | undefined): void {
  const lost = document.activeElement === null || document.activeElement === document.body;
  if (lost && !(id !== undefined && focusRow(id))) {
    document.getElementById("main")?.focus({ preventScroll: true });
  }
}

/** A row that is gone with the focus in it leaves it to the one that took its place. */
function useFocusKept(rows: readonly { id: string }[]): void {
  const before = useRef(rows);
  const held = useRef<string | undefined>(undefined);
  useEffect(() => {
    const note = ({ target }: Event) => {
      held.current =
        target instanceof Element ? target.closest<HTMLElement>("[data-row]")?.dataset.row : undefined;
    };
    // Whoever points elsewhere has left the row, be there something that takes the focus or not.
    const kinds = ["focusin", "pointerdown"];
    for (const kind of kinds) {
      document.addEventListener(kind, note);
    }
    return () => {
      for (const kind of kinds) {
        document.removeEventListener(kind, note);
      }
    };
  }, []);
  useEffect(() => {
    const index = before.current.findIndex(({ id }) => id === held.current);
    before.current = rows;
    if (index >= 0 && !rows.some(({ id }) => id === held.current)) {
      regainFocus(rows[Math.min(index, rows.length - 1)]?.id);
    }
  }, [rows]);
}

/** Presses what a row carries for a key; what cannot be used now gets the focus instead and tells why. */
function pressIn(row: HTMLElement, keys: string): void {
  const marked = row.querySelector<HTMLElement>(`[data-key="${keys}"]`);
  const element = marked ?? (keys === "Enter" ? row.querySelector<HTMLElement>("a[href]") : null);
  if (element?.getAttribute("aria-disabled") === "true") {
    element.focus();
  } else {
    element?.click();
  }
}
