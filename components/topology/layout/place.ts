import type { TopologyEdge, TopologyNode } from "@/lib/schemas/topology.ts";

/** A cell of the drawing: columns from the left, rows from the top. */
export interface Cell {
  column: number;
  row: number;
}

/** A region as a band over one or more columns. */
export interface Band {
  region: string;
  first: number;
  last: number;
}

export interface Placement {
  cells: Map<string, Cell>;
  bands: Band[];
  columns: number;
  rows: number;
}

type Edge = Pick<TopologyEdge, "from" | "to">;

const SWEEPS = 8;

/**
 * Gives each place a cell, regions as bands from those that feed to those that are fed, at most `rows` places in a column.
 * The same graph is always placed alike: nothing is random, and ties are broken by name.
 */
export function placeNodes(nodes: readonly TopologyNode[], edges: readonly Edge[], rows: number): Placement {
  const groups = groupByRegion(nodes, edges);
  const columns: string[][] = [];
  const bands: Band[] = [];
  for (const { region, keys } of groups) {
    const first = columns.length;
    const count = Math.max(1, Math.ceil(keys.length / rows));
    const size = Math.ceil(keys.length / count);
    for (let index = 0; index < count; index += 1) {
      columns.push(keys.slice(index * size, (index + 1) * size));
    }
    bands.push({ region, first, last: columns.length - 1 });
  }
  const height = Math.max(1, ...columns.map((column) => column.length));
  return {
    cells: settleRows(columns, edges, height),
    bands,
    columns: columns.length,
    rows: height,
  };
}

/** Regions by how much more they send than they get; in a region, who sends to others last, next to them. */
function groupByRegion(
  nodes: readonly TopologyNode[],
  edges: readonly Edge[],
): { region: string; keys: string[] }[] {
  const regionOf = new Map(nodes.map((node) => [node.key, node.region]));
  const nameOf = new Map(nodes.map((node) => [node.key, node.kind === "instance" ? node.name : node.region]));
  const surplus = new Map<string, number>();
  const outward = new Map<string, number>();
  const add = (map: Map<string, number>, key: string, by: number) => map.set(key, (map.get(key) ?? 0) + by);
  for (const { from, to } of edges) {
    const [source, target] = [regionOf.get(from) ?? "", regionOf.get(to) ?? ""];
    if (source !== target) {
      add(surplus, source, 1);
      add(surplus, target, -1);
      add(outward, from, 1);
      add(outward, to, 1);
    }
  }
  const regions = [...new Set(regionOf.values())].sort(
    (a, b) =>
      // What has no region stands last.
      Number(a === "") - Number(b === "") || (surplus.get(b) ?? 0) - (surplus.get(a) ?? 0) || byText(a, b),
  );
  return regions.map((region) => ({
    region,
    keys: nodes
      .filter((node) => node.region === region)
      .map(({ key }) => key)
      .sort(
        (a, b) =>
          (outward.get(a) ?? 0) - (outward.get(b) ?? 0) || byText(nameOf.get(a) ?? "", nameOf.get(b) ?? ""),
      ),
  }));
}

/** By code units: a collation could differ between server and browser, and the drawing with it. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders each column by where the neighbours of its places lie, a few times over; short columns stand in the middle. */
function settleRows(columns: string[][], edges: readonly Edge[], height: number): Map<string, Cell> {
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (from !== to) {
      neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
      neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
    }
  }
  const cells = new Map<string, Cell>();
  const put = (keys: string[], column: number) => {
    const top = Math.floor((height - keys.length) / 2);
    keys.forEach((key, index) => {
      cells.set(key, { column, row: top + index });
    });
  };
  columns.forEach((keys, column) => {
    put(hubInTheMiddle(keys, neighbours), column);
  });
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const order = columns.map((_, index) => (sweep % 2 === 0 ? index : columns.length - 1 - index));
    for (const column of order) {
      const keys = [...(columns[column] ?? [])];
      const wish = new Map(keys.map((key) => [key, meanRow(key, neighbours, cells)]));
      keys.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || byText(a, b));
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
