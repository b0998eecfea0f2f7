import type { Placement } from "./place.ts";
import { endKey, isStraight, type Ports } from "./ports.ts";
import type { Route } from "./route.ts";
import { assignTracks } from "./tracks.ts";

/** Smaller, a drawing cannot be read: it is moved about instead. Words are set larger by as much at most (view.ts). */
export const LEAST_ZOOM = 0.74;
/** How many times wider the longest label comes out then; between columns it has some room already. */
const LARGER_WORDS = 1.2;
/** px. */
export const NODE_WIDTH = 196;
export const TRACK = 9;
/** Around the tracks of a channel. */
export const MARGIN = 14;
const EDGE_OF_PAGE = 24;
export const HEADER = 48;
export const ARROW = 14;
const AISLE = 26;
/** An aisle that a label stands in. */
const LABEL_AISLE = 66;

/** The room between columns and rows, where edges run. */
export interface Channels {
  /** Width of gutters and height of aisles, px. */
  gutters: number[];
  aisles: number[];
  /** Where in a gutter its tracks begin, px. */
  trackStart: number[];
  gutterTracks: Map<string, number>[];
  aisleTracks: Map<string, number>[];
}

export interface Plan {
  routes: readonly Route[];
  placement: Placement;
  ports: Ports;
  /** Room that a label needs on the line that comes in, px. */
  labelWidth: number;
}

/** Gives each edge its tracks, and each channel the room for them and for the labels. */
export function measureChannels({ routes, placement, ports, labelWidth }: Plan): Channels {
  const inGutter = (route: Route, gutter: number) =>
    (route.way.kind === "gutter" && route.way.gutter === gutter) ||
    (route.way.kind === "aisle" && (route.way.from === gutter || route.way.to === gutter));
  const gutters: number[] = [];
  const trackStart: number[] = [];
  const gutterTracks = Array.from({ length: placement.columns + 1 }, (_, gutter) => {
    const here = routes.filter((route) => inGutter(route, gutter));
    const { tracks, count } = assignTracks(
      here
        .filter((route) => !isStraight(route, placement))
        .flatMap((route) => stretchesIn(route, gutter, { placement, ports })),
    );
    const entered = (side: "left" | "right") =>
      here.some((route) => route.entry === side && entryGutter(route) === gutter);
    const outside = gutter === 0 || gutter === placement.columns;
    // A label beside a line that runs down, or up, sticks out of its column; at the left edge it would be cut where its words are larger.
    const label = gutter === 0 ? labelWidth * LARGER_WORDS : labelWidth;
    const beside = (column: number, down: boolean) =>
      routes.some((route) => runsStraight(route, placement, { column, down }))
        ? label + 12 - NODE_WIDTH / 2 + 14
        : 0;
    const left = Math.max(entered("right") ? labelWidth + ARROW : 0, beside(gutter - 1, true));
    const right = Math.max(entered("left") ? labelWidth + ARROW : 0, beside(gutter, false));
    const tracksWidth = count > 0 ? (count - 1) * TRACK + 2 * MARGIN : outside ? 0 : 2 * MARGIN;
    trackStart.push(left + MARGIN);
    gutters.push(Math.max(outside ? EDGE_OF_PAGE : 48, left + tracksWidth + right + (outside ? 8 : 0)));
    return tracks;
  });
  const aisles: number[] = [];
  const aisleTracks = Array.from({ length: placement.rows + 1 }, (_, aisle) => {
    const along = routes.flatMap(({ id, way }) =>
      way.kind === "aisle" && way.aisle === aisle ? [{ id, from: way.from, to: way.to }] : [],
    );
    const { tracks, count } = assignTracks(along);
    const labelled = routes.some(
      ({ from, to, way }) =>
        way.kind === "vertical" &&
        Math.max(placement.cells.get(from)?.row ?? 0, placement.cells.get(to)?.row ?? 0) === aisle,
    );
    const room = Math.max(labelled ? LABEL_AISLE : AISLE, count > 0 ? (count - 1) * TRACK + 2 * MARGIN : 0);
    aisles.push(
      aisle === 0
        ? HEADER + (count > 0 ? room - MARGIN : 0)
        : room + (placement.shelves.includes(aisle) ? HEADER : 0),
    );
    return tracks;
  });
  return { gutters, aisles, trackStart, gutterTracks, aisleTracks };
}

function runsStraight(
  { from, to, way }: Route,
  { cells }: Placement,
  { column, down }: { column: number; down: boolean },
): boolean {
  const [source, target] = [cells.get(from), cells.get(to)];
  return way.kind === "vertical" && source?.column === column && (target?.row ?? 0) > source.row === down;
}

/** The gutter from which the edge comes in. */
function entryGutter({ way }: Route): number {
  return way.kind === "gutter" ? way.gutter : way.kind === "aisle" ? way.to : -1;
}

/** What a route covers of a gutter, counted in half rows: aisles even, rows odd, ports in between. */
function stretchesIn(
  route: Route,
  gutter: number,
  { placement, ports }: Pick<Plan, "placement" | "ports">,
): { id: string; from: number; to: number }[] {
  const at = (key: string, role: "exit" | "entry") =>
    2 * (placement.cells.get(key)?.row ?? 0) + 1 + (ports.offsets.get(endKey(route.id, role)) ?? 0) / 1000;
  const { way } = route;
  if (way.kind === "gutter") {
    return [{ id: route.id, from: at(route.from, "exit"), to: at(route.to, "entry") }];
  }
  if (way.kind !== "aisle") {
    return [];
  }
  return way.from === gutter
    ? [{ id: route.id, from: at(route.from, "exit"), to: 2 * way.aisle }]
    : [{ id: route.id, from: 2 * way.aisle, to: at(route.to, "entry") }];
}

/** Widens the gutters evenly until the drawing is `least` px wide. */
export function widen(channels: Channels, placement: Placement, least: number): void {
  const missing = least - sum(channels.gutters) - placement.columns * NODE_WIDTH;
  if (missing <= 0) {
    return;
  }
  const share = missing / channels.gutters.length;
  channels.gutters = channels.gutters.map((width) => width + share);
  channels.trackStart = channels.trackStart.map(
    (start, gutter) => start + (gutter === 0 ? share : share / 2),
  );
}

export function sum(values: readonly number[], count = values.length): number {
  return values.slice(0, count).reduce((total, value) => total + value, 0);
}
