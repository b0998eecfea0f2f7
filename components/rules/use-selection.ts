"use client";

import { useState } from "react";
import type { RuleListQuery } from "@/lib/schemas/rule.ts";
import type { RuleSelection } from "@/lib/schemas/rule-bulk.ts";

interface State {
  /** The list it belongs to: another filter or page starts anew. */
  of: string;
  ids: ReadonlySet<string>;
  /** Every rule under the filter, on whatever page. */
  all: boolean;
  /** Where a range begins. */
  anchor: string | null;
}

/** What is selected in a list of rules: rows of the page, or everything under the filter. */
export function useSelection(rows: readonly { id: string }[], query: RuleListQuery, search: string) {
  const [stored, setState] = useState<State>(() => nothing(search));
  const state = stored.of === search ? stored : nothing(search);
  const here = rows.filter(({ id }) => state.all || state.ids.has(id)).map(({ id }) => id);
  const set = (ids: Iterable<string>, anchor: string | null = state.anchor) =>
    setState({ of: search, ids: new Set(ids), all: false, anchor });

  const toggle = (id: string, range: boolean) => {
    const order = rows.map((row) => row.id);
    const from = range && state.anchor !== null ? order.indexOf(state.anchor) : -1;
    if (from >= 0) {
      const [low = 0, high = 0] = [from, order.indexOf(id)].sort((a, b) => a - b);
      set([...here, ...order.slice(low, high + 1)], id);
    } else {
      set(here.includes(id) ? here.filter((other) => other !== id) : [...here, id], id);
    }
  };
  return {
    /** Selected rows of this page. */
    ids: here,
    all: state.all,
    pageSelected: rows.length > 0 && here.length === rows.length,
    has: (id: string) => here.includes(id),
    toggle,
    add: (ids: readonly string[]) => set([...here, ...ids], ids.at(-1) ?? null),
    /** The head box: all of the page, or none. */
    togglePage: () => set(here.length === rows.length ? [] : rows.map(({ id }) => id)),
    selectAll: () => setState({ of: search, ids: new Set(), all: true, anchor: null }),
    clear: () => setState(nothing(search)),
    /** What a bulk action is asked for. */
    input: (): RuleSelection => (state.all ? { filter: filterOf(query) } : { ruleIds: here }),
  };
}

export type Selection = ReturnType<typeof useSelection>;

const nothing = (search: string): State => ({ of: search, ids: new Set(), all: false, anchor: null });

function filterOf(query: RuleListQuery): Extract<RuleSelection, { filter: unknown }>["filter"] {
  const { instance = "", view, q, state, target, type } = query;
  return {
    instance,
    view: view === "incoming" ? "incoming" : "rules",
    ...(q ? { q } : {}),
    ...(state ? { state } : {}),
    ...(target ? { target } : {}),
    ...(type ? { type } : {}),
  };
}
