import type { TopologyEdge } from "@/lib/schemas/topology.ts";

type Line = Pick<TopologyEdge, "from" | "to">;

/**
 * The line of a place, going out or coming in, that follows the chosen one; after the last the first again, also where none of them is chosen.
 * @param chosen `from→to`
 * @returns null for a place without lines
 */
export function nextLine(place: string, chosen: string | null, edges: readonly Line[]): Line | null {
  const lines = edges.filter(({ from, to }) => from === place || to === place);
  const index = lines.findIndex(({ from, to }) => `${from}→${to}` === chosen);
  const next = lines[(index + 1) % lines.length];
  return next ? { from: next.from, to: next.to } : null;
}
