import { useSyncExternalStore } from "react";

/** The schema of a rule and the engine of its expressions: a third of a page's whole script, and of no use until something is typed. */
type RuleCheck = typeof import("./rule-check-layer.ts");

let loaded: RuleCheck | null = null;
const watchers = new Set<() => void>();

export async function loadRuleCheck(): Promise<RuleCheck> {
  loaded ??= await import("./rule-check-layer.ts");
  for (const watcher of watchers) {
    watcher();
  }
  return loaded;
}

/** Null until {@link loadRuleCheck} was called, with the first thing a person does in the form, and has ended. */
export function useRuleCheck(): RuleCheck | null {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => loaded,
    () => null,
  );
}
