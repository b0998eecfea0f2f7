import { HEADER, NODE_WIDTH } from "./channels.ts";
import type { Box, Drawing, DrawnEdge, Point } from "./geometry.ts";
import type { Band, Placement } from "./place.ts";
import { edgeId } from "./route.ts";

/** px. */
const NODE_HEIGHT = 48;
const GUTTER = 52;
const AISLE = 30;
const EDGE_OF_PAGE = 24;
/** Points of a line: it is an arc, so that it does not hide behind places that stand between its ends. */
const STEPS = 24;
/** How far an arc leaves the straight line: a part of its length, within bounds, px. */
const BULGE = { share: 0.08, least: 14, most: 60 };

interface Edge {
  from: string;
  to: string;
}

/** Width and height of a drawing without channels, px. */
export function plainExtent({ columns, rows, shelves }: { columns: number; rows: number; shelves: number }): {
  width: number;
  height: number;
} {
  return {
    width: 2 * EDGE_OF_PAGE + columns * NODE_WIDTH + (columns - 1) * GUTTER,
    height: shelves * HEADER + rows * (NODE_HEIGHT + AISLE),
  };
}

/**
 * A graph with more lines than channels can hold: places stand close, and lines are arcs behind them. What a line means is seen when
 * it, or a place, is chosen.
 */
export function drawPlain(placement: Placement, edges: readonly Edge[], least: number): Drawing {
  const { columns, rows, shelves, cells } = placement;
  const extent = plainExtent({ columns, rows, shelves: shelves.length });
  const width = Math.max(least, extent.width);
  const gutter = columns > 1 ? GUTTER + (width - extent.width) / (columns - 1) : GUTTER;
  const topOf = (row: number) =>
    row * (NODE_HEIGHT + AISLE) + shelves.filter((first) => first <= row).length * HEADER;
  const boxes = new Map<string, Box>();
  for (const [key, { column, row }] of cells) {
    const x = EDGE_OF_PAGE + column * (NODE_WIDTH + gutter);
    boxes.set(key, { x, y: topOf(row), width: NODE_WIDTH, height: NODE_HEIGHT });
  }
  const bandOf = ({ region, shelf, first, last }: Band) => {
    const left = (column: number) => EDGE_OF_PAGE + column * (NODE_WIDTH + gutter);
    const x = first === 0 ? 0 : left(first) - gutter / 2;
    const isLast = placement.bands.every((other) => other.shelf !== shelf || other.last <= last);
    const y = topOf(shelves[shelf] ?? 0) - HEADER;
    const next = shelves[shelf + 1];
    return {
      region,
      shelf,
      x,
      y,
      width: (isLast ? width : left(last) + NODE_WIDTH + gutter / 2) - x,
      height: (next === undefined ? extent.height : topOf(next) - HEADER) - y,
      nameX: left(first) - x,
    };
  };
  return {
    boxes,
    edges: new Map(edges.flatMap((edge) => drawArc(edge, boxes))),
    bands: placement.bands.map(bandOf),
    width,
    height: extent.height,
    detail: "arcs",
  };
}

function drawArc({ from, to }: Edge, boxes: ReadonlyMap<string, Box>): [string, DrawnEdge][] {
  const [source, target] = [boxes.get(from), boxes.get(to)];
  if (!source || !target) {
    return [];
  }
  const id = edgeId({ from, to });
  const points = from === to ? loop(source) : arc(source, target);
  const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
  return [[id, { id, points, label: { ...middle, anchor: "middle" } }]];
}

/** From border to border; there and back leave the straight line on different sides. */
function arc(source: Box, target: Box): Point[] {
  const [a, b] = [middleOf(source), middleOf(target)];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const bulge = Math.min(BULGE.most, Math.max(BULGE.least, length * BULGE.share));
  const control = {
    x: (a.x + b.x) / 2 - (dy / length) * 2 * bulge,
    y: (a.y + b.y) / 2 + (dx / length) * 2 * bulge,
  };
  const at = (t: number): Point => ({
    x: (1 - t) ** 2 * a.x + 2 * t * (1 - t) * control.x + t ** 2 * b.x,
    y: (1 - t) ** 2 * a.y + 2 * t * (1 - t) * control.y + t ** 2 * b.y,
  });
  const start = borderAt(source, at, 0, 0.5);
  const end = borderAt(target, at, 1, 0.5);
  return Array.from({ length: STEPS + 1 }, (_, step) => at(start + ((end - start) * step) / STEPS));
}

/** Where the arc crosses the border of the place at its end `inside`, by halving. */
function borderAt(box: Box, at: (t: number) => Point, inside: number, outside: number): number {
  let [within, without] = [inside, outside];
  for (let step = 0; step < 12; step += 1) {
    const between = (within + without) / 2;
    if (holds(box, at(between))) {
      within = between;
    } else {
      without = between;
    }
  }
  return without;
}

/** Above the place and back to it. */
function loop({ x, y, width }: Box): Point[] {
  const right = x + width;
  return [
    { x: right - 40, y },
    { x: right - 40, y: y - 10 },
    { x: right - 16, y: y - 10 },
    { x: right - 16, y },
  ];
}

function middleOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function holds(box: Box, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
}
