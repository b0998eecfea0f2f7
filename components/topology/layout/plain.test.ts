import { describe, expect, test } from "vitest";
import type { TopologyNode } from "@/lib/schemas/topology.ts";
import type { Box, Point } from "./geometry.ts";
import { type Graph, generated, node, overlaps } from "./graphs.testing.ts";
import { layoutGraph } from "./layout.ts";

describe("more lines than channels can hold are arcs", () => {
  test.each<[string, Graph]>([
    ["110 lines between 60", generated(100, 60, 110)],
    ["400 between 80 in 20 regions", generated(7, 80, 600, 20)],
  ])("%s: from border to border, and places stand apart", (_name, { nodes, edges }) => {
    const drawing = layoutGraph(nodes, edges, 120);
    expect(drawing.detail).toBe("arcs");
    expect(drawing.boxes.size).toBe(nodes.length);
    expect(drawing.edges.size).toBe(edges.length);
    const placed = [...drawing.boxes.values()];
    expect(
      placed.flatMap((box, index) => placed.slice(index + 1).filter((other) => overlaps(box, other))),
    ).toEqual([]);
    const near = ({ x, y }: Point, box: Box | undefined) =>
      box !== undefined &&
      overlaps({ x: x - 1, y: y - 1, width: 2, height: 2 }, box) &&
      !overlaps(
        { x, y, width: 0, height: 0 },
        { ...box, x: box.x + 2, y: box.y + 2, width: box.width - 4, height: box.height - 4 },
      );
    const loose = edges.filter(({ from, to }) => {
      const points = drawing.edges.get(`${from}→${to}`)?.points ?? [];
      const [start, end] = [points[0], points.at(-1)];
      return !start || !end || !near(start, drawing.boxes.get(from)) || !near(end, drawing.boxes.get(to));
    });
    expect(loose).toEqual([]);
  });

  test("there and back are two lines", () => {
    const { nodes, edges } = generated(100, 60, 110);
    const [first] = edges.filter(({ from, to }) => from !== to);
    if (!first) {
      throw new Error("there are edges");
    }
    const back = { from: first.to, to: first.from };
    const drawing = layoutGraph(
      nodes,
      [...edges.filter((edge) => edge.from !== back.from || edge.to !== back.to), back],
      120,
    );
    const middleOf = ({ from, to }: { from: string; to: string }) =>
      drawing.edges.get(`${from}→${to}`)?.label;
    expect(middleOf(first)).not.toEqual(middleOf(back));
  });
});

test("places that are regions stand together, under no name; the one that was opened has its band", () => {
  const nodes: TopologyNode[] = [
    ...Array.from(
      { length: 40 },
      (_, index): TopologyNode => ({
        kind: "region",
        key: `region:r${index}`,
        region: `r${index}`,
        instances: 12,
        unreachable: 0,
      }),
    ),
    node("a", "opened"),
    node("b", "opened"),
  ];
  const edges = nodes.slice(1).map(({ key }) => ({ from: "region:r0", to: key }));
  const drawing = layoutGraph(nodes, edges, 120);
  expect(new Set(drawing.bands.map(({ region }) => region))).toEqual(new Set(["opened", null]));
  expect(drawing.boxes.size).toBe(42);
  expect(Math.min(1244 / drawing.width, 640 / drawing.height)).toBeGreaterThan(0.5);
});
