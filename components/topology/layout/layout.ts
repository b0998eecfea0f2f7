import type { TopologyEdge, TopologyNode } from "@/lib/schemas/topology.ts";
import { type Drawing, drawGraph } from "./geometry.ts";
import { placeNodes } from "./place.ts";
import { routeEdges } from "./route.ts";

/** The work area of a page of 1440 px. */
const WIDTH = 1244;
const HEIGHT = 440;
const MOST_ROWS = 16;

/**
 * Lays a graph out: regions as bands, right-angled edges that never lie on one another or run through a place. The number of rows is
 * the one with which the drawing comes out largest. Pure and deterministic: server and browser draw alike.
 */
export function layoutGraph(
  nodes: readonly TopologyNode[],
  edges: readonly Pick<TopologyEdge, "from" | "to">[],
  labelWidth: number,
): Drawing {
  let best: { drawing: Drawing; scale: number } | null = null;
  for (let rows = 1; rows <= Math.min(MOST_ROWS, Math.max(1, nodes.length)); rows += 1) {
    const placement = placeNodes(nodes, edges, rows);
    const drawing = drawGraph(placement, routeEdges(edges, placement), { labelWidth, least: WIDTH });
    const scale = Math.min(1, WIDTH / drawing.width, HEIGHT / drawing.height);
    // The first that fits as it is has the fewest rows: more would only make it taller.
    if (!best || scale > best.scale + 0.001) {
      best = { drawing, scale };
    }
  }
  return best?.drawing ?? { boxes: new Map(), edges: new Map(), bands: [], width: WIDTH, height: 0 };
}
