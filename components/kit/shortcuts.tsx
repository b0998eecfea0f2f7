"use client";

import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useMemo } from "react";
import { type Shortcut, ShortcutRegistry } from "./shortcut-registry.ts";

const ShortcutContext = createContext<ShortcutRegistry | null>(null);

/**
 * One listener for every shortcut of the page. `enabled` false switches off those of printable characters (WCAG 2.1.4);
 * Escape, Enter and keys with Ctrl or ⌘ stay.
 */
export function ShortcutProvider({ enabled, children }: { enabled: boolean; children: ReactNode }) {
  const registry = useMemo(() => new ShortcutRegistry(), []);
  useEffect(() => {
    registry.characterKeys = enabled;
  }, [registry, enabled]);
  useEffect(() => registry.listen(document), [registry]);
  return <ShortcutContext.Provider value={registry}>{children}</ShortcutContext.Provider>;
}

/** The registry of this page; null outside of the console's shell. */
export function useShortcutRegistry(): ShortcutRegistry | null {
  return useContext(ShortcutContext);
}

/**
 * Binds keys while the component is on the page; of two with the same keys the later mounted wins. For a button or link
 * that is there anyway, `data-key="n"` on it is enough: `n` (new), `t` (trigger), `e` (edit), `i` (instance switcher) and, in a row of `useRowKeys`,
 * any of its keys then press it.
 */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const registry = useContext(ShortcutContext);
  const current = useEffectEvent(() => shortcuts);
  useEffect(() => registry?.add(() => current()), [registry]);
}
