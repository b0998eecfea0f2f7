import type { PlacementDesk } from "./placement-desk.ts";

/** What this process knows of one task and target: spares most questions to the database. */
export interface Known {
  /** In place already. */
  readonly placed: Set<string>;
  /** Flights of this process that wait for a change, by digest. */
  readonly waiting: Map<string, Set<() => void>>;
  users: number;
  readonly desk: PlacementDesk;
}

/** Wakes the flights of this process that wait for this content. */
export function changed({ waiting }: Known, digest: string): void {
  for (const wake of [...(waiting.get(digest) ?? [])]) {
    wake();
  }
}

/** Resolves when a flight of this process has changed something, or after `ms`: flights of other workers do not tell us. */
export function change(
  { waiting }: Known,
  digest: string,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve) => {
    const wakes = waiting.get(digest) ?? new Set();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      wakes.delete(done);
      if (wakes.size === 0 && waiting.get(digest) === wakes) {
        waiting.delete(digest);
      }
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    waiting.set(digest, wakes.add(done));
  });
}
