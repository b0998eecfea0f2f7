import type { TopologyEdge, TopologyNode } from "@/lib/schemas/topology.ts";

/** A cell of the drawing: columns from the left, rows from the top. */
export interface Cell {
  column: number;
  row: number;
}

/** A region as a band over one or more columns of a shelf. */
export interface Band {
  /** null: places that are regions themselves, together and without a name over them. */
  region: string | null;
  first: number;
  last: number;
  /** The shelf, from the top. */
  shelf: number;
}

export interface Placement {
  cells: Map<string, Cell>;
  bands: Band[];
  columns: number;
  rows: number;
  /** The first row of each shelf: regions that do not fit beside one another stand below. */
  shelves: number[];
}

/** How many places stand above one another in a region, and how many columns beside one another in a shelf. */
export interface Shape {
  rows: number;
  columns: number;
}

type Edge = Pick<TopologyEdge, "from" | "to">;

interface Group {
  region: string | null;
  keys: string[];
}

interface Shelf {
  columns: string[][];
  bands: Omit<Band, "shelf">[];
}

const SWEEPS = 8;

/**
 * Gives each place a cell: regions as bands, from those that feed to those that are fed, line by line like a text.
 * The same graph is always placed alike: nothing is random, and ties are broken by name.
 */
export function placeNodes(nodes: readonly TopologyNode[], edges: readonly Edge[], shape: Shape): Placement {
  const filled = fillShelves(groupByRegion(nodes, edges), shape);
  const shelves: number[] = [];
  let rows = 0;
  const columns = filled.flatMap((shelf) => {
    const top = rows;
    const height = Math.max(1, ...shelf.columns.map((column) => column.length));
    shelves.push(top);
    rows += height;
    return shelf.columns.map((keys, column): Column => ({ keys, column, top, height }));
  });
  return {
    cells: settleRows(columns, edges),
    bands: filled.flatMap(({ bands }, shelf) => bands.map((band) => ({ ...band, shelf }))),
    columns: Math.max(0, ...filled.map((shelf) => shelf.columns.length)),
    rows: Math.max(1, rows),
    shelves,
  };
}

export interface Extent {
  columns: number;
  rows: number;
  shelves: number;
}

/** How many columns and rows the places take in this shape, without placing them. */
export function extentOf(nodes: readonly TopologyNode[], shape: Shape): Extent {
  const shelves = fillShelves(groupByRegion(nodes, []), shape);
  const most = (counts: number[]) => Math.max(1, ...counts);
  return {
    columns: most(shelves.map(({ columns }) => columns.length)),
    rows: shelves.reduce((sum, { columns }) => sum + most(columns.map(({ length }) => length)), 0),
    shelves: shelves.length,
  };
}

function fillShelves(groups: readonly Group[], shape: Shape): Shelf[] {
  const shelves: Shelf[] = [];
  let shelf: Shelf | null = null;
  for (const { region, keys } of groups) {
    const count = Math.min(shape.columns, Math.max(1, Math.ceil(keys.length / shape.rows)));
    if (!shelf || shelf.columns.length + count > shape.columns) {
      shelf = { columns: [], bands: [] };
      shelves.push(shelf);
    }
    const size = Math.ceil(keys.length / count);
    const first = shelf.columns.length;
    for (let start = 0; start < keys.length; start += size) {
      shelf.columns.push(keys.slice(start, start + size));
    }
    shelf.bands.push({ region, first, last: shelf.columns.length - 1 });
  }
  return shelves;
}

/** Regions by how much more they send than they get; in a region, who sends to others last, next to them. */
function groupByRegion(nodes: readonly TopologyNode[], edges: readonly Edge[]): Group[] {
  // A place that is a region stands with the others of its kind.
  const groupOf = (node: TopologyNode) => (node.kind === "instance" ? `in ${node.region}` : REGIONS);
  const regionOf = new Map(nodes.map((node) => [node.key, groupOf(node)]));
  const nameOf = new Map(nodes.map((node) => [node.key, node.kind === "instance" ? node.name : node.region]));
  const surplus = new Map<string, number>();
  const outward = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, by: number) => map.set(key, (map.get(key) ?? 0) + by);
  for (const { from, to } of edges) {
    const [source, target] = [regionOf.get(from) ?? "", regionOf.get(to) ?? ""];
    add(surplus, from, 1);
    add(surplus, to, -1);
    if (source !== target) {
      add(surplus, source, 1);
      add(surplus, target, -1);
      add(outward, from, 1);
      add(outward, to, 1);
    }
  }
  const bySurplus = (a: string, b: string) => (surplus.get(b) ?? 0) - (surplus.get(a) ?? 0);
  const byName = (a: string, b: string) => byText(nameOf.get(a) ?? "", nameOf.get(b) ?? "");
  const towardsOthers = (a: string, b: string) => (outward.get(a) ?? 0) - (outward.get(b) ?? 0);
  return [...new Set(regionOf.values())]
    .sort((a, b) => Number(a === UNNAMED) - Number(b === UNNAMED) || bySurplus(a, b) || byText(a, b))
    .map((group) => ({
      region: group === REGIONS ? null : group.slice(UNNAMED.length),
      keys: nodes
        .filter((node) => groupOf(node) === group)
        .map(({ key }) => key)
        .sort((a, b) => (group === REGIONS ? bySurplus(a, b) : towardsOthers(a, b)) || byName(a, b)),
    }));
}

/** Groups: instances without a region, which stand last, and places that are regions. */
const UNNAMED = "in ";
const REGIONS = "regions";

/** By code units: a collation could differ between server and browser, and the drawing with it. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The places of one column of a shelf. */
interface Column {
  keys: string[];
  column: number;
  /** First row and height of its shelf. */
  top: number;
  height: number;
}

/** Orders each column by where the neighbours of its places lie, a few times over; short columns stand in the middle. */
function settleRows(columns: readonly Column[], edges: readonly Edge[]): Map<string, Cell> {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (from !== to) {
      neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
      neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
    }
  }
  const cells = new Map<string, Cell>();
  const put = (keys: string[], { column, top, height }: Column) => {
    const first = top + Math.floor((height - keys.length) / 2);
    keys.forEach((key, index) => {
      cells.set(key, { column, row: first + index });
    });
  };
  for (const column of columns) {
    put(hubInTheMiddle(column.keys, neighbours), column);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wish = new Map(column.keys.map((key) => [key, meanRow(key, neighbours, cells)]));
      const keys = column.keys.toSorted((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || byText(a, b));
      put(keys, column);
    }
  }
  return cells;
}

/** Where to begin: the busiest place in the middle of its column, the others around it. */
function hubInTheMiddle(keys: readonly string[], neighbours: Map<string, string[]>): string[] {
  const busiest = [...keys].sort(
    (a, b) => (neighbours.get(b)?.length ?? 0) - (neighbours.get(a)?.length ?? 0) || byText(a, b),
  );
  const ordered: string[] = [];
  busiest.forEach((key, index) => {
    if (index % 2 === 0) {
      ordered.push(key);
    } else {
      ordered.unshift(key);
    }
  });
  return ordered;
}

function meanRow(key: string, neighbours: Map<string, string[]>, cells: Map<string, Cell>): number {
  const own = cells.get(key)?.row ?? 0;
  const rows = (neighbours.get(key) ?? []).flatMap((other) => cells.get(other)?.row ?? []);
  // Its own row counts too: two that look alike must not change places for ever.
  return (rows.reduce((sum, row) => sum + row, 0) + own * 0.5) / (rows.length + 0.5);
}
