"use client";

import { Position } from "@xyflow/react";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { TopologyEdge, TopologyGraph } from "@/lib/schemas/topology.ts";
import { useNow } from "../kit/use-now.ts";
import type { StepEdge } from "./graph-edge.tsx";
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
    const bands = drawing.bands.map(
      ({ region, x, width }, index): BandNode => ({
        id: `band ${region}`,
        type: "band",
        position: { x, y: 0 },
        width,
        height: drawing.height,
        zIndex: -1,
        data: {
          region,
          width,
          height: drawing.height,
          first: index === 0,
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
    // In the order of the page: Tab walks from the upper left.
    places.sort((a, b) => a.position.x - b.position.x || a.position.y - b.position.y);
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
          faded: choosing && !meant,
          labelled: !(choosing && !meant && graph.edges.length > 40),
        },
      },
    ];
  });
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
