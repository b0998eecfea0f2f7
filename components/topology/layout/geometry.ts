import {
  ARROW,
  type Channels,
  HEADER,
  MARGIN,
  measureChannels,
  NODE_WIDTH,
  type Plan,
  sum,
  TRACK,
  widen,
} from "./channels.ts";
import type { Band, Placement } from "./place.ts";
import { assignPorts, endKey } from "./ports.ts";
import type { Route } from "./route.ts";

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

export interface DrawnEdge {
  id: string;
  points: Point[];
  /** `anchor`: which point of the label this is. */
  label: Point & { anchor: "start" | "middle" | "end" };
}

export interface DrawnBand extends Pick<Band, "region" | "shelf">, Box {
  /** Where its name begins, px from its left. */
  nameX: number;
}

export interface Drawing {
  boxes: Map<string, Box>;
  edges: Map<string, DrawnEdge>;
  bands: DrawnBand[];
  width: number;
  height: number;
  detail: Detail;
}

/** What the lines say beside their colour: words; only a shape, where they are many; where they are too many for channels, nothing. */
export type Detail = "words" | "shapes" | "arcs";

/** Turns cells and ways into figures. `least`: gutters are widened until the drawing is as wide as that, px. */
export function drawGraph(
  placement: Placement,
  routes: readonly Route[],
  { labelWidth, least, detail }: { labelWidth: number; least: number; detail: Detail },
): Drawing {
  const plan: Plan = { routes, placement, ports: assignPorts(routes, placement), labelWidth };
  const channels = measureChannels(plan);
  widen(channels, placement, least);
  const lefts = channels.gutters.map((_, index) => sum(channels.gutters, index) + index * NODE_WIDTH);
  const rowHeights = Array.from({ length: placement.rows }, (_, row) =>
    Math.max(
      48,
      ...[...placement.cells]
        .filter(([, cell]) => cell.row === row)
        .map(([key]) => plan.ports.heights.get(key) ?? 48),
    ),
  );
  const tops = channels.aisles.map((_, index) => sum(channels.aisles, index) + sum(rowHeights, index));
  const boxes = new Map<string, Box>();
  for (const [key, { column, row }] of placement.cells) {
    const height = plan.ports.heights.get(key) ?? 48;
    const middle = (tops[row] ?? 0) + (channels.aisles[row] ?? 0) + (rowHeights[row] ?? 48) / 2;
    boxes.set(key, {
      x: (lefts[column] ?? 0) + (channels.gutters[column] ?? 0),
      y: middle - height / 2,
      width: NODE_WIDTH,
      height,
    });
  }
  const width = sum(channels.gutters) + placement.columns * NODE_WIDTH;
  const height = sum(channels.aisles) + sum(rowHeights);
  const grid: Grid = { plan, channels, lefts, tops, boxes, detail };
  return {
    boxes,
    edges: new Map(routes.flatMap((route) => drawEdge(grid, route))),
    bands: placement.bands.map((band) => drawBand(grid, band, { width, height })),
    width,
    height,
    detail,
  };
}

/** From its header down to the next shelf; the last one of a shelf reaches to the right edge. */
function drawBand(grid: Grid, band: Band, whole: { width: number; height: number }): DrawnBand {
  const { region, shelf, first, last } = band;
  const { plan, lefts, tops, channels } = grid;
  const { shelves, bands } = plan.placement;
  const topOf = (row: number | undefined) =>
    row === undefined
      ? whole.height
      : row === 0
        ? 0
        : (tops[row] ?? 0) + (channels.aisles[row] ?? 0) - HEADER;
  const y = topOf(shelves[shelf]);
  const x = first === 0 ? 0 : boundary(grid, first);
  const isLast = bands.every((other) => other.shelf !== shelf || other.last <= last);
  const right = isLast ? whole.width : boundary(grid, last + 1);
  // Lines of the shelves above and below come by left of the first column.
  const nameX = shelves.length > 1 ? (lefts[first] ?? 0) + (channels.gutters[first] ?? 0) - x : NAME_X;
  return { region, shelf, x, y, width: right - x, height: topOf(shelves[shelf + 1]) - y, nameX };
}

const NAME_X = 24;

interface Grid {
  plan: Plan;
  channels: Channels;
  /** Left edge of each gutter, top edge of each aisle. */
  lefts: number[];
  tops: number[];
  boxes: Map<string, Box>;
  detail: Detail;
}

/** Between the labels at the left of a gutter and its first track. */
function boundary({ channels, lefts }: Grid, gutter: number): number {
  return (lefts[gutter] ?? 0) + (channels.trackStart[gutter] ?? 0) - MARGIN / 2;
}

function drawEdge(grid: Grid, route: Route): [string, DrawnEdge][] {
  const { plan, channels, lefts, tops, boxes, detail } = grid;
  const source = boxes.get(route.from);
  const target = boxes.get(route.to);
  if (!source || !target) {
    return [];
  }
  const start = portAt(source, route.exit, plan.ports.offsets.get(endKey(route.id, "exit")) ?? 0);
  const end = portAt(target, route.entry, plan.ports.offsets.get(endKey(route.id, "entry")) ?? 0);
  const trackX = (gutter: number) =>
    (lefts[gutter] ?? 0) +
    (channels.trackStart[gutter] ?? 0) +
    (channels.gutterTracks[gutter]?.get(route.id) ?? 0) * TRACK;
  const points: Point[] = [start];
  if (route.way.kind === "gutter" && start.y !== end.y) {
    const x = trackX(route.way.gutter);
    points.push({ x, y: start.y }, { x, y: end.y });
  } else if (route.way.kind === "aisle") {
    const { from, aisle, to } = route.way;
    const y =
      (tops[aisle] ?? 0) +
      (aisle === 0 ? HEADER : MARGIN) +
      (channels.aisleTracks[aisle]?.get(route.id) ?? 0) * TRACK;
    points.push(
      { x: trackX(from), y: start.y },
      { x: trackX(from), y },
      { x: trackX(to), y },
      { x: trackX(to), y: end.y },
    );
  }
  points.push(end);
  const label = labelAt(route, end, { start, labelWidth: detail === "words" ? plan.labelWidth : 0 });
  return [[route.id, { id: route.id, points, label }]];
}

function portAt({ x, y, width, height }: Box, side: Route["exit"], offset: number): Point {
  switch (side) {
    case "left":
      return { x, y: y + height / 2 + offset };
    case "right":
      return { x: x + width, y: y + height / 2 + offset };
    case "top":
      return { x: x + width / 2 + offset, y };
    case "bottom":
      return { x: x + width / 2 + offset, y: y + height };
  }
}

/** On the line that comes in; beside a line that runs straight up or down. */
function labelAt(
  { way, entry }: Route,
  end: Point,
  { start, labelWidth }: { start: Point; labelWidth: number },
): DrawnEdge["label"] {
  if (way.kind === "vertical") {
    const down = end.y > start.y;
    return { x: end.x + (down ? 6 : -6), y: (start.y + end.y) / 2, anchor: down ? "start" : "end" };
  }
  if (labelWidth === 0) {
    // A shape beside the arrow; words, once the line is chosen, reach as far back as they need.
    return entry === "left"
      ? { x: end.x - ARROW, y: end.y, anchor: "end" }
      : { x: end.x + ARROW, y: end.y, anchor: "start" };
  }
  const away = labelWidth / 2 + ARROW;
  return { x: entry === "left" ? end.x - away : end.x + away, y: end.y, anchor: "middle" };
}
