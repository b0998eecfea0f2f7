import type { TopologyEdge } from "@/lib/schemas/topology.ts";
import type { Box } from "./layout/geometry.ts";

export const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] as const;
export type Arrow = (typeof ARROWS)[number];

const UNIT: Record<Arrow, [x: number, y: number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/**
 * The place to which an arrow key leads: of those that an edge joins with this one, either way round, the nearest that lies
 * in that direction (within some 60° of it); what lies sideways counts double.
 */
export function towards(
  from: string,
  arrow: Arrow,
  { edges, boxes }: { edges: readonly Pick<TopologyEdge, "from" | "to">[]; boxes: ReadonlyMap<string, Box> },
): string | null {
  const here = middle(boxes.get(from));
  if (!here) {
    return null;
  }
  const [ux, uy] = UNIT[arrow];
  let best: { key: string; distance: number } | null = null;
  for (const edge of edges) {
    const key = edge.from === from ? edge.to : edge.to === from ? edge.from : null;
    const there = key === null || key === from ? null : middle(boxes.get(key));
    if (key === null || !there) {
      continue;
    }
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const ahead = dx * ux + dy * uy;
    const aside = Math.abs(dx * uy) + Math.abs(dy * ux);
    if (ahead > 1 && 2 * ahead >= aside && (!best || ahead + 2 * aside < best.distance)) {
      best = { key, distance: ahead + 2 * aside };
    }
  }
  return best?.key ?? null;
}

function middle(box: Box | undefined): { x: number; y: number } | null {
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : null;
}
