import type { Placements } from "./placements.ts";

const wrapped = new WeakMap<object, Placements>();

/**
 * The placements of the chart repository beside a registry: what stands in `team/web` of one does not stand in `team/web` of the
 * other, and what is learned of one says nothing of the other.
 */
export function chartPlacements(placements: Placements): Placements {
  const key = placements.memoryKey ?? placements;
  const memoryKey = wrapped.get(key)?.memoryKey ?? {};
  const charts: Placements = {
    memoryKey,
    claim: (digest, repository, options) => placements.claim(`chart ${digest}`, repository, options),
  };
  wrapped.set(key, charts);
  return charts;
}
