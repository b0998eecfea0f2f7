import { loadavg } from "node:os";

/** The value below which `share` of all lie, 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Times are longer on a machine that does other things. */
export const underLoad = (): string => `load ${loadavg()[0]?.toFixed(1)}`;
