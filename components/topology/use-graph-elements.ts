"use client";

import { Position } from "@xyflow/react";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { TopologyEdge, TopologyGraph } from "@/lib/schemas/topology.ts";
import { useNow } from "../kit/use-now.ts";
import { isSound, type StepEdge } from "./graph-edge.tsx";
import type { BandNode, PlaceNode } from "./graph-nodes.tsx";
import type { GraphProps } from "./graph-props.ts";
import { edgeId } from "./layout/route.ts";
import { useBehind, useEdgeWords, useNodeName } from "./use-words.ts";

type Shown = Pick<GraphProps, "graph" | "drawing" | "chosen" | "marked">;

/** Places, bands and lines as the library takes them. */
export function useGraphElements(shown: Shown): { nodes: (PlaceNode | BandNode)[]; edges: StepEdge[] } {
  const nodes = useNodes(shown);
  const edges = useEdges(shown);
  return { nodes, edges };
}

function useNodes({ graph, drawing, chosen }: Shown): (PlaceNode | BandNode)[] {
  return useMemo(() => {
    const { out, incoming } = degrees(graph);
    const shelves = 1 + Math.max(0, ...drawing.bands.map(({ shelf }) => shelf));
    const bands = drawing.bands.map(
      ({ region, shelf, x, y, width, height, nameX }): BandNode => ({
        id: `band ${region ?? ""} ${shelf}`,
        type: "band",
        position: { x, y },
        width,
        height,
        zIndex: -1,
        data: {
          region,
          width,
          height,
          nameX,
          first: x === 0,
          // Of a drawing in shelves, lines end where the shelf does.
          shelf: shelves > 1 ? shelf : null,
          open: graph.byRegion && region === chosen.region,
        },
      }),
    );
    const places = graph.nodes.flatMap((place): PlaceNode[] => {
      const box = drawing.boxes.get(place.key);
      return box
        ? [
            {
              id: place.key,
              type: "place",
              position: { x: box.x, y: box.y },
              width: box.width,
              height: box.height,
              handles: [
                { type: "source", position: Position.Right, x: box.width, y: box.height / 2 },
                { type: "target", position: Position.Left, x: 0, y: box.height / 2 },
              ],
              data: {
                place,
                selected: chosen.at === place.key,
                out: out.get(place.key) ?? 0,
                incoming: incoming.get(place.key) ?? 0,
                width: box.width,
                height: box.height,
              },
            },
          ]
        : [];
    });
    // In the order of the page: Tab walks shelf by shelf, each from the upper left.
    const shelfAt = (y: number) =>
      Math.max(0, ...drawing.bands.filter((band) => band.y <= y).map(({ shelf }) => shelf));
    places.sort(({ position: a }, { position: b }) => shelfAt(a.y) - shelfAt(b.y) || a.x - b.x || a.y - b.y);
    return [...bands, ...places];
  }, [graph, drawing, chosen.at, chosen.region]);
}

function useEdges({ graph, drawing, chosen, marked }: Shown): StepEdge[] {
  const t = useTranslations("topology");
  const words = useEdgeWords();
  const nameOf = useNodeName();
  const now = useNow();
  const behind = useBehind();
  const stateOf = (edge: TopologyEdge) => {
    const state = t(`state.${edge.state}`);
    return edge.missingSince ? t("graph.and", { state, behind: behind(edge.missingSince, now) }) : state;
  };
  const names = new Map(graph.nodes.map((node) => [node.key, nameOf(node)]));
  const choosing = chosen.at !== null || chosen.edge !== null || chosen.state !== null || marked !== null;
  const arcs = drawing.detail === "arcs";
  const saysAlways = drawing.detail === "arcs" ? "nothing" : drawing.detail;
  return graph.edges.flatMap((edge): StepEdge[] => {
    const id = edgeId(edge);
    const drawn = drawing.edges.get(id);
    if (!drawn) {
      return [];
    }
    const meant = isMeant(edge, chosen, marked);
    return [
      {
        id,
        source: edge.from,
        target: edge.to,
        type: "step",
        className: "cursor-pointer",
        ariaLabel: t(edge.off > 0 && edge.off < edge.rules ? "graph.edgeOff" : "graph.edge", {
          from: names.get(edge.from) ?? "",
          to: names.get(edge.to) ?? "",
          n: edge.rules,
          off: edge.off,
          state: stateOf(edge),
        }),
        data: {
          edge,
          drawn,
          words: words(edge, now),
          chosen: id === chosen.edge || id === marked,
          opacity: opacityOf(edge, { choosing, meant, arcs }),
          says: id === chosen.edge || id === marked ? "words" : saysAlways,
        },
        zIndex: arcs ? Number(!isSound(edge.state)) + 2 * Number(choosing && meant) : 0,
      },
    ];
  });
}

/** Among arcs what is well steps back, so that the rest is seen. */
function opacityOf(
  edge: TopologyEdge,
  { choosing, meant, arcs }: { choosing: boolean; meant: boolean; arcs: boolean },
): number {
  if (choosing) {
    return meant ? 1 : arcs ? 0.1 : 0.28;
  }
  return arcs && isSound(edge.state) ? 0.4 : 1;
}

function isMeant(edge: TopologyEdge, chosen: Shown["chosen"], marked: string | null): boolean {
  const id = edgeId(edge);
  if (marked !== null) {
    return id === marked;
  }
  return (
    (chosen.edge === null || id === chosen.edge) &&
    (chosen.at === null || edge.from === chosen.at || edge.to === chosen.at) &&
    (chosen.state === null || edge.state === chosen.state)
  );
}

function degrees({ edges }: TopologyGraph): { out: Map<string, number>; incoming: Map<string, number> } {
  const out = new Map<string, number>();
  const incoming = new Map<string, number>();
  for (const { from, to, rules } of edges) {
    out.set(from, (out.get(from) ?? 0) + rules);
    incoming.set(to, (incoming.get(to) ?? 0) + rules);
  }
  return { out, incoming };
}
