import { describe, expect, test } from "vitest";
import { type Box, type Drawing, type DrawnEdge, drawGraph, type Point } from "./geometry.ts";
import { DESIGN, type Graph, generated, node, overlaps } from "./graphs.testing.ts";
import { layoutGraph, SHAPE_WIDTH } from "./layout.ts";
import { placeNodes } from "./place.ts";
import { routeEdges } from "./route.ts";
import { assignTracks } from "./tracks.ts";

type Segment = [Point, Point];
const segments = (points: readonly Point[]): Segment[] =>
  points.slice(1).map((point, index) => [points[index] as Point, point]);
const between = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];

/** Whether two right-angled stretches run along each other for more than a point. */
function runTogether([a, b]: Segment, [c, d]: Segment): boolean {
  for (const [along, across] of [
    ["x", "y"],
    ["y", "x"],
  ] as const) {
    if (a[across] === b[across] && c[across] === d[across] && Math.abs(a[across] - c[across]) < 2) {
      const [from, to] = between(a[along], b[along]);
      const [start, end] = between(c[along], d[along]);
      if (Math.min(to, end) - Math.max(from, start) > 0.5) {
        return true;
      }
    }
  }
  return false;
}

function runsThrough([a, b]: Segment, box: Box): boolean {
  const [left, right] = between(a.x, b.x);
  const [top, bottom] = between(a.y, b.y);
  return (
    left < box.x + box.width - 0.5 &&
    right > box.x + 0.5 &&
    top < box.y + box.height - 0.5 &&
    bottom > box.y + 0.5
  );
}

function faults({ boxes, edges }: Drawing): string[] {
  const found: string[] = [];
  const drawn = [...edges.values()];
  const placed = [...boxes];
  for (const [index, [key, box]] of placed.entries()) {
    for (const [other, second] of placed.slice(index + 1)) {
      if (overlaps(box, second)) {
        found.push(`${key} lies on ${other}`);
      }
    }
  }
  for (const [index, edge] of drawn.entries()) {
    for (const segment of segments(edge.points)) {
      if (segment[0].x !== segment[1].x && segment[0].y !== segment[1].y) {
        found.push(`${edge.id} is not right-angled`);
      }
      found.push(
        ...placed
          .filter(([, box]) => runsThrough(segment, box))
          .map(([key]) => `${edge.id} runs through ${key}`),
      );
      for (const other of drawn.slice(index + 1)) {
        if (segments(other.points).some((second) => runTogether(segment, second))) {
          found.push(`${edge.id} runs along ${other.id}`);
        }
      }
    }
  }
  return found;
}

function labelsOnLabels({ edges }: Drawing, width: number): string[] {
  const left = ({ x, anchor }: DrawnEdge["label"]) =>
    x - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  const drawn = [...edges.values()];
  return drawn.flatMap((edge, index) =>
    drawn
      .slice(index + 1)
      .filter(
        (other) =>
          Math.abs(left(edge.label) - left(other.label)) < width &&
          Math.abs(edge.label.y - other.label.y) < 16,
      )
      .map((other) => `${edge.id} on ${other.id}`),
  );
}

describe("no edge runs along another or through a place, no label stands on another", () => {
  test.each<[string, Graph]>([
    ["the design", DESIGN],
    ["one instance", { nodes: [node("a", "")], edges: [] }],
    ["an instance that feeds itself", { nodes: [node("a", "")], edges: [{ from: "a", to: "a" }] }],
    [
      "two, both ways",
      {
        nodes: [node("a", "x"), node("b", "y")],
        edges: [
          { from: "a", to: "b" },
          { from: "b", to: "a" },
        ],
      },
    ],
    ...Array.from({ length: 12 }, (_, seed): [string, Graph] => [
      `8 generated, ${seed}`,
      generated(seed, 8, 14),
    ]),
    ...Array.from({ length: 8 }, (_, seed): [string, Graph] => [
      `20 in up to 12 regions, ${seed}`,
      generated(200 + seed, 20, 24, 12),
    ]),
  ])("%s", (_name, { nodes, edges }) => {
    const drawing = layoutGraph(nodes, edges, 120);
    expect(drawing.detail).toBe("words");
    sound(drawing, { nodes, edges }, 120);
  });

  test.each<[string, Graph]>([
    ...Array.from({ length: 4 }, (_, seed): [string, Graph] => [
      `60 generated, ${seed}`,
      generated(100 + seed, 60, 110),
    ]),
    ...Array.from({ length: 4 }, (_, seed): [string, Graph] => [
      `60 in up to 20 regions, ${seed}`,
      generated(300 + seed, 60, 110, 20),
    ]),
    ["80 and 400 edges", generated(7, 80, 600)],
  ])("%s, in shelves, however small that comes out", (_name, { nodes, edges }) => {
    const placement = placeNodes(nodes, edges, { rows: 3, columns: 6 });
    expect(placement.shelves.length).toBeGreaterThan(1);
    const size = { labelWidth: SHAPE_WIDTH, least: 1244, detail: "shapes" } as const;
    sound(drawGraph(placement, routeEdges(edges, placement), size), { nodes, edges }, SHAPE_WIDTH);
  });

  function sound(drawing: Drawing, { nodes, edges }: Graph, labelWidth: number): void {
    expect(drawing.boxes.size).toBe(nodes.length);
    expect(drawing.edges.size).toBe(edges.length);
    expect(faults(drawing)).toEqual([]);
    expect(labelsOnLabels(drawing, labelWidth)).toEqual([]);
    expect(outside(drawing)).toEqual([]);
  }

  /** Places that stand in another band than their own, or on its name, and bands that overlap. */
  function outside({ boxes, bands }: Drawing): string[] {
    const overlapping = bands.flatMap((band, index) =>
      bands.slice(index + 1).filter((other) => overlaps(band, other)),
    );
    const homeless = [...boxes].filter(([, box]) => {
      const home = bands.filter((band) => overlaps(band, box));
      return home.length !== 1 || box.y < (home[0]?.y ?? 0) + 40;
    });
    return [...overlapping.map(({ region }) => region ?? ""), ...homeless.map(([key]) => key)];
  }

  test("the check bites", () => {
    const drawing = layoutGraph(DESIGN.nodes, DESIGN.edges, 120);
    const [first, second] = [...drawing.edges.values()];
    if (!first || !second) {
      throw new Error("the design has edges");
    }
    second.points = first.points;
    expect(faults(drawing)).not.toEqual([]);
  });
});

test("the order in which rows come from the database does not move a place", () => {
  const { nodes, edges } = generated(3, 30, 60);
  const there = layoutGraph(nodes, edges, 120);
  const back = layoutGraph(nodes.toReversed(), edges.toReversed(), 120);
  expect([...back.boxes].sort()).toEqual([...there.boxes].sort());
});

test("regions that feed stand left of those that are fed; what has no region stands last", () => {
  const nodes = [node("a", "fed"), node("b", "feeds"), node("c", "")];
  const { bands } = layoutGraph(nodes, [{ from: "b", to: "a" }], 120);
  expect(bands.map(({ region }) => region)).toEqual(["feeds", "fed", ""]);
});

test("stretches that touch get tracks of their own", () => {
  const { tracks, count } = assignTracks([
    { id: "a", from: 0, to: 4 },
    { id: "b", from: 4, to: 8 },
    { id: "c", from: 5, to: 9 },
  ]);
  expect(count).toBe(2);
  expect([tracks.get("a"), tracks.get("b"), tracks.get("c")]).toEqual([0, 1, 0]);
});

test("more regions than stand beside one another wrap: no wider than a page can show at a size that is read", () => {
  const regions = Array.from({ length: 12 }, (_, index) => `r${index}`);
  const nodes = regions.flatMap((region) => [node(`${region} a`, region), node(`${region} b`, region)]);
  const edges = regions.slice(1).map((region) => ({ from: "r0 a", to: `${region} a` }));
  const drawing = layoutGraph(nodes, edges, 172);
  const shelves = new Set(drawing.bands.map(({ shelf }) => shelf));
  expect(shelves.size).toBeGreaterThan(2);
  expect(drawing.bands).toHaveLength(12);
  expect(Math.min(1244 / drawing.width, 640 / drawing.height)).toBeGreaterThan(0.5);
});
