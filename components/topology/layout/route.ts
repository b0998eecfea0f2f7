import type { TopologyEdge } from "@/lib/schemas/topology.ts";
import type { Cell, Placement } from "./place.ts";

/** The side of a place where an edge leaves or comes in. */
export type Side = "left" | "right" | "top" | "bottom";

/**
 * The way of an edge in terms of channels; figures come later. A gutter is the room left of a column (the last one is right of
 * all of them), an aisle the room above a row.
 */
export type Way =
  /** Straight up or down to the next row of the same column. */
  | { kind: "vertical" }
  /** Along one gutter. */
  | { kind: "gutter"; gutter: number }
  /** Along a gutter, an aisle, and another gutter. */
  | { kind: "aisle"; from: number; aisle: number; to: number };

export interface Route {
  id: string;
  from: string;
  to: string;
  way: Way;
  exit: Side;
  entry: Side;
}

export function edgeId({ from, to }: Pick<TopologyEdge, "from" | "to">): string {
  return `${from}→${to}`;
}

/** Chooses the way of each edge between two cells. */
export function routeEdges(
  edges: readonly Pick<TopologyEdge, "from" | "to">[],
  { cells, shelves }: Placement,
): Route[] {
  return edges.flatMap((edge) => {
    const source = cells.get(edge.from);
    const target = cells.get(edge.to);
    return source && target
      ? [{ id: edgeId(edge), ...edge, ...routeBetween(source, target, { ...edge, shelves }) }]
      : [];
  });
}

function routeBetween(
  source: Cell,
  target: Cell,
  edge: { from: string; to: string; shelves: readonly number[] },
): Pick<Route, "way" | "exit" | "entry"> {
  if (edge.from === edge.to) {
    return { way: { kind: "gutter", gutter: source.column + 1 }, exit: "right", entry: "right" };
  }
  if (source.column === target.column) {
    const down = target.row - source.row;
    // Over the name of a region no line runs.
    const apart = edge.shelves.includes(Math.max(source.row, target.row));
    if (Math.abs(down) === 1 && !apart) {
      return down > 0
        ? { way: { kind: "vertical" }, exit: "bottom", entry: "top" }
        : { way: { kind: "vertical" }, exit: "top", entry: "bottom" };
    }
    return { way: { kind: "gutter", gutter: source.column + 1 }, exit: "right", entry: "right" };
  }
  const rightward = target.column > source.column;
  const from = rightward ? source.column + 1 : source.column;
  const to = rightward ? target.column : target.column + 1;
  const sides = rightward
    ? ({ exit: "right", entry: "left" } as const)
    : ({ exit: "left", entry: "right" } as const);
  if (from === to) {
    return { way: { kind: "gutter", gutter: from }, ...sides };
  }
  // The aisle that lies between the two rows and next to the target.
  const aisle = target.row >= source.row && target.row > 0 ? target.row : target.row + 1;
  return { way: { kind: "aisle", from, aisle, to }, ...sides };
}
