import type { TopologyNode } from "@/lib/schemas/topology.ts";
import type { Box } from "./geometry.ts";

export interface Graph {
  nodes: TopologyNode[];
  edges: { from: string; to: string }[];
}

export const node = (key: string, region: string): TopologyNode => ({
  kind: "instance",
  key,
  name: key,
  host: `${key}.example.com`,
  region,
  health: "healthy",
  viewed: true,
});

/** The picture of the design: eight instances in four regions. */
export const DESIGN: Graph = {
  nodes: [
    ...["bj", "sh", "szx", "gz", "dev"].map((key) => node(key, "cn")),
    node("sg", "sea"),
    node("fra", "eu"),
    node("iad", "na"),
  ],
  edges: [
    ["sh", "bj"],
    ["bj", "sh"],
    ["sh", "gz"],
    ["sh", "sg"],
    ["sh", "fra"],
    ["sh", "iad"],
    ["sg", "iad"],
    ["dev", "gz"],
    ["sh", "szx"],
  ].map(([from = "", to = ""]) => ({ from, to })),
};

/** Numbers that look random and are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

export function generated(seed: number, count: number, edgeCount: number, regions = 6): Graph {
  const next = numbers(seed);
  const nodes = Array.from({ length: count }, (_, index) =>
    node(`n${index}`, `r${Math.floor(next() * regions)}`),
  );
  const pick = () => nodes[Math.floor(next() * next() * count)]?.key ?? "n0";
  const edges = new Map(
    Array.from({ length: edgeCount }, () => ({ from: pick(), to: pick() })).map((edge) => [
      `${edge.from} ${edge.to}`,
      edge,
    ]),
  );
  return { nodes, edges: [...edges.values()] };
}

/** Whether two boxes have room in common. */
export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
