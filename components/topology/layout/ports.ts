import type { Placement } from "./place.ts";
import type { Route, Side } from "./route.ts";

/** What an edge's end needs of a place's side, px: a label stands on the line that comes in. */
const ENTRY_PITCH = 20;
const EXIT_PITCH = 10;
const NODE_HEIGHT = 48;
const NODE_PADDING = 8;
/** Two edges between neighbours, one each way, and two that run up and down. */
const APART = 10;
const SIDEWAYS = 14;

/**
 * Ends at the two sides keep to lattices of their own, px: so no two stubs that face each other over a gutter lie on one
 * line.
 */
const LATTICE: Record<"left" | "right", Record<"exit" | "entry", number>> = {
  right: { entry: 0, exit: 5 },
  left: { entry: 2.5, exit: 7.5 },
};
const STEP = 10;

interface End {
  route: Route;
  role: "exit" | "entry";
  key: string;
  side: Side;
  /** Row and column of the other end, to draw lines in the order in which they spread. */
  otherRow: number;
  otherColumn: number;
}

export interface Ports {
  /** px from the middle of the place: down for its sides, to the right for its top and bottom. Keys: `endKey`. */
  offsets: Map<string, number>;
  /** Height of each place, px. */
  heights: Map<string, number>;
}

export function endKey(routeId: string, role: "exit" | "entry"): string {
  return `${role} ${routeId}`;
}

/** Gives each end of each edge a port of its own. */
export function assignPorts(routes: readonly Route[], placement: Placement): Ports {
  const offsets = new Map<string, number>();
  const heights = new Map<string, number>();
  const bySide = Map.groupBy(endsOf(routes, placement), ({ key, side }) => `${side} ${key}`);
  const pairs = new Set(routes.map(({ id }) => id));
  for (const ends of bySide.values()) {
    const [first] = ends;
    if (!first) {
      continue;
    }
    if (first.side === "top" || first.side === "bottom") {
      for (const { route, role } of ends) {
        offsets.set(endKey(route.id, role), sideways(route, placement, pairs));
      }
    } else {
      const reach = spread(ends, offsets, { placement, pairs, side: first.side });
      heights.set(first.key, Math.max(heights.get(first.key) ?? NODE_HEIGHT, 2 * (reach + NODE_PADDING)));
    }
  }
  for (const key of placement.cells.keys()) {
    heights.set(key, Math.ceil(heights.get(key) ?? NODE_HEIGHT));
  }
  return { offsets, heights };
}

function endsOf(routes: readonly Route[], { cells }: Placement): End[] {
  return routes.flatMap((route): End[] => {
    const source = cells.get(route.from);
    const target = cells.get(route.to);
    if (!source || !target) {
      return [];
    }
    return [
      {
        route,
        role: "exit",
        key: route.from,
        side: route.exit,
        otherRow: target.row,
        otherColumn: target.column,
      },
      {
        route,
        role: "entry",
        key: route.to,
        side: route.entry,
        otherRow: source.row,
        otherColumn: source.column,
      },
    ];
  });
}

/** Whether the two ends stand beside each other, so that a straight line joins them. */
export function isStraight(route: Route, { cells }: Placement): boolean {
  const source = cells.get(route.from);
  const target = cells.get(route.to);
  return (
    route.way.kind === "gutter" &&
    source !== undefined &&
    target !== undefined &&
    source.row === target.row &&
    source.column !== target.column
  );
}

/** One that has a way back keeps to one side of the middle, the same at both ends. */
function sideways(route: Route, { cells }: Placement, ids: Set<string>): number {
  if (!ids.has(`${route.to}→${route.from}`)) {
    return 0;
  }
  return (cells.get(route.to)?.row ?? 0) > (cells.get(route.from)?.row ?? 0) ? SIDEWAYS : -SIDEWAYS;
}

/** Straight lines in the middle, the others above and below them by where they lead. @returns how far they reach, px */
function spread(
  ends: readonly End[],
  offsets: Map<string, number>,
  { placement, pairs, side }: { placement: Placement; pairs: Set<string>; side: "left" | "right" },
): number {
  const straight = ends.filter(({ route }) => isStraight(route, placement));
  for (const { route, role } of straight) {
    const back = pairs.has(`${route.to}→${route.from}`);
    const rightward =
      (placement.cells.get(route.to)?.column ?? 0) > (placement.cells.get(route.from)?.column ?? 0);
    offsets.set(endKey(route.id, role), back ? (rightward ? -APART : APART) : 0);
  }
  const rowOf = ({ key }: End) => placement.cells.get(key)?.row ?? 0;
  const others = ends
    .filter(({ route }) => !isStraight(route, placement))
    .sort(
      (a, b) =>
        a.otherRow - b.otherRow || a.otherColumn - b.otherColumn || (a.route.id < b.route.id ? -1 : 1),
    );
  const half = straight.length > 1 ? APART + ENTRY_PITCH / 2 : straight.length === 1 ? ENTRY_PITCH / 2 : 0;
  const split =
    straight.length === 0 ? others.length / 2 : others.filter((end) => end.otherRow < rowOf(end)).length;
  const above = others.slice(0, Math.ceil(split)).reverse();
  const below = others.slice(Math.ceil(split));
  const up = stack(above, offsets, { from: half, sign: -1, side });
  const down = stack(below, offsets, { from: half, sign: 1, side });
  return Math.max(half, up, down);
}

function stack(
  ends: readonly End[],
  offsets: Map<string, number>,
  { from, sign, side }: { from: number; sign: 1 | -1; side: "left" | "right" },
): number {
  let reach = from;
  for (const { route, role } of ends) {
    const pitch = role === "entry" ? ENTRY_PITCH : EXIT_PITCH;
    const at = onLattice(reach + pitch / 2, LATTICE[side][role] * sign);
    offsets.set(endKey(route.id, role), sign * at);
    reach = at + pitch / 2;
  }
  return reach;
}

/** The first point of the lattice at or after `least`. */
function onLattice(least: number, phase: number): number {
  return Math.ceil((least - phase) / STEP) * STEP + phase;
}
