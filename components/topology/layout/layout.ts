import type { TopologyEdge, TopologyNode } from "@/lib/schemas/topology.ts";
import { type Detail, type Drawing, drawGraph } from "./geometry.ts";
import { type Extent, extentOf, placeNodes, type Shape } from "./place.ts";
import { drawPlain, plainExtent } from "./plain.ts";
import { routeEdges } from "./route.ts";

/** The work area of a page of 1440 px. */
const WIDTH = 1244;
const HEIGHT = 440;
/** Of several shelves, which are taller anyway. */
const SHELVES_HEIGHT = 820;
const MOST_ROWS = 16;
const MOST_COLUMNS = 9;
/** Regions that may stand beside one another: more of them wrap into shelves. */
const IN_ONE_SHELF = 6;
const DETAILS = ["words", "shapes", "arcs"] as const satisfies readonly Detail[];
/** Smaller, a drawing says less and comes out larger. */
const READABLE = 0.5;
/** Lines at most that have words beside them, and that have channels of their own. */
const WITH_WORDS = 24;
const IN_CHANNELS = 60;
/** Room for a shape on a line, px. */
export const SHAPE_WIDTH = 24;
/** Shapes that are drawn to see which comes out largest: the most promising by their extent. */
const DRAWN = 6;
/** px: what a column takes beside its labels, a row and the name of a region, on average. */
const AVERAGE = { column: 270, row: 82, header: 70 };

type Edge = Pick<TopologyEdge, "from" | "to">;

/**
 * Lays a graph out: regions as bands, in shelves where they are many; right-angled edges that never lie on one another or run through
 * a place, and arcs where there are too many of them. Lines say as much as leaves the drawing at a size that is read. Pure and
 * deterministic: server and browser draw alike.
 */
export function layoutGraph(
  nodes: readonly TopologyNode[],
  edges: readonly Edge[],
  labelWidth: number,
): Drawing {
  const most: Detail = edges.length <= WITH_WORDS ? "words" : edges.length <= IN_CHANNELS ? "shapes" : "arcs";
  const details = DETAILS.slice(DETAILS.indexOf(most));
  let drawn: Sized | null = null;
  for (const detail of details) {
    drawn = drawLargest(nodes, edges, { detail, room: detail === "words" ? labelWidth : SHAPE_WIDTH });
    if (drawn && drawn.scale >= READABLE) {
      break;
    }
  }
  return (
    drawn?.drawing ?? { boxes: new Map(), edges: new Map(), bands: [], width: WIDTH, height: 0, detail: most }
  );
}

interface Sized {
  drawing: Drawing;
  scale: number;
}

interface Room {
  detail: Detail;
  /** For a label in a channel, px. */
  room: number;
}

/** In the shape with which the drawing comes out largest. @returns null where there is nothing to draw */
function drawLargest(
  nodes: readonly TopologyNode[],
  edges: readonly Edge[],
  { detail, room }: Room,
): Sized | null {
  let best: Sized | null = null;
  for (const shape of shapesOf(nodes, { detail, room })) {
    const placement = placeNodes(nodes, edges, shape);
    const drawing =
      detail === "arcs"
        ? drawPlain(placement, edges, WIDTH)
        : drawGraph(placement, routeEdges(edges, placement), { labelWidth: room, least: WIDTH, detail });
    const scale = scaleOf(drawing, placement.shelves.length);
    // The first that fits as it is has the fewest rows: more would only make it taller.
    if (!best || scale > best.scale + 0.001) {
      best = { drawing, scale };
    }
  }
  return best;
}

function scaleOf({ width, height }: { width: number; height: number }, shelves: number): number {
  return Math.min(1, WIDTH / width, (shelves > 1 ? SHELVES_HEIGHT : HEIGHT) / height);
}

/** Shapes worth drawing: of few regions every number of rows, of many those that promise most. */
function shapesOf(nodes: readonly TopologyNode[], { detail, room }: Room): Shape[] {
  const rows = Array.from(
    { length: Math.min(MOST_ROWS, Math.max(1, nodes.length)) },
    (_, index) => index + 1,
  );
  const bands = new Set(nodes.map(({ kind, region }) => (kind === "instance" ? region : null)));
  if (bands.size <= IN_ONE_SHELF && detail !== "arcs") {
    return rows.map((most) => ({ rows: most, columns: Number.POSITIVE_INFINITY }));
  }
  const promiseOf = (extent: Extent) =>
    scaleOf(detail === "arcs" ? plainExtent(extent) : averageExtent(extent, room), extent.shelves);
  return rows
    .flatMap((most) =>
      Array.from({ length: MOST_COLUMNS - 1 }, (_, index): Shape => ({ rows: most, columns: index + 2 })),
    )
    .map((shape) => ({ shape, promise: promiseOf(extentOf(nodes, shape)) }))
    .sort((a, b) => b.promise - a.promise)
    .slice(0, DRAWN)
    .map(({ shape }) => shape);
}

function averageExtent({ columns, rows, shelves }: Extent, room: number): { width: number; height: number } {
  return {
    width: columns * (AVERAGE.column + room),
    height: rows * AVERAGE.row + shelves * AVERAGE.header,
  };
}
