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

export interface DrawnBand extends Pick<Band, "region"> {
  x: number;
  width: number;
}

export interface Drawing {
  boxes: Map<string, Box>;
  edges: Map<string, DrawnEdge>;
  bands: DrawnBand[];
  width: number;
  height: number;
}

/** Turns cells and ways into figures. `least`: gutters are widened until the drawing is as wide as that, px. */
export function drawGraph(
  placement: Placement,
  routes: readonly Route[],
  { labelWidth, least }: { labelWidth: number; least: number },
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
  const grid: Grid = { plan, channels, lefts, tops, boxes };
  return {
    boxes,
    edges: new Map(routes.flatMap((route) => drawEdge(grid, route))),
    bands: placement.bands.map(({ region, first, last }) => {
      const x = first === 0 ? 0 : boundary(grid, first);
      return { region, x, width: (last === placement.columns - 1 ? width : boundary(grid, last + 1)) - x };
    }),
    width,
    height: sum(channels.aisles) + sum(rowHeights),
  };
}

interface Grid {
  plan: Plan;
  channels: Channels;
  /** Left edge of each gutter, top edge of each aisle. */
  lefts: number[];
  tops: number[];
  boxes: Map<string, Box>;
}

/** Between the labels at the left of a gutter and its first track. */
function boundary({ channels, lefts }: Grid, gutter: number): number {
  return (lefts[gutter] ?? 0) + (channels.trackStart[gutter] ?? 0) - MARGIN / 2;
}

function drawEdge(grid: Grid, route: Route): [string, DrawnEdge][] {
  const { plan, channels, lefts, tops, boxes } = grid;
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
  return [
    [route.id, { id: route.id, points, label: labelAt(route, end, { start, labelWidth: plan.labelWidth }) }],
  ];
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
  const away = labelWidth / 2 + ARROW;
  return { x: entry === "left" ? end.x - away : end.x + away, y: end.y, anchor: "middle" };
}
