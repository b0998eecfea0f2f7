"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type CSSProperties, useMemo } from "react";
import type { TopologyGraph } from "@/lib/schemas/topology.ts";
import { DrawingBoundary } from "./drawing-boundary.tsx";
import type { GraphProps } from "./graph-props.ts";
import { GraphSkeleton } from "./graph-skeleton.tsx";
import { LEAST_ZOOM } from "./layout/channels.ts";
import { layoutGraph } from "./layout/layout.ts";
import { useNodeName } from "./use-words.ts";

const LEAST_HEIGHT = 240;
const MOST_HEIGHT = 560;
/** Of a drawing in shelves. */
const SHELVES_HEIGHT = 860;
/** The work area of a page of 1440 px; the frame's height follows from it, so that nothing moves when the drawing comes. */
const WIDTH = 1244;
/** px on the line that comes in: the longest words of either language, as large as they are set in a drawing at its smallest. */
const LABEL_WIDTH = 244;

const Graph = dynamic(() => import("./graph.tsx").then(({ Graph }) => Graph), {
  ssr: false,
  loading: () => <GraphSkeleton />,
});

/** The frame of the drawing, of its final height from the first paint on. */
export function GraphFrame(props: Omit<GraphProps, "drawing">) {
  const t = useTranslations("topology.graph");
  const { graph } = props;
  const drawing = useDrawing(graph);
  const arcs = drawing.detail === "arcs";
  const most = drawing.bands.some(({ shelf }) => shelf > 0) ? SHELVES_HEIGHT : MOST_HEIGHT;
  const scale = Math.max(LEAST_ZOOM, Math.min(1, WIDTH / drawing.width, most / drawing.height));
  const height = Math.min(most, Math.max(LEAST_HEIGHT, Math.ceil(drawing.height * scale)));
  return (
    <section aria-label={t("label")} className="shrink-0 border-line border-y bg-canvas max-md:order-2">
      <p className="sr-only">{useDescription(graph)}</p>
      {graph.byRegion || arcs || graph.hiddenEdges > 0 ? (
        <p className="border-line border-b px-6 py-1.5 text-ink-3 text-meta max-md:px-4">
          {graph.byRegion ? t("many") : null} {arcs ? t("arcs") : null}{" "}
          {graph.hiddenEdges > 0 ? t("hidden", { n: graph.hiddenEdges }) : null}
        </p>
      ) : null}
      {/* On a phone the zoom buttons stand below the drawing. */}
      <div
        style={{ "--height": `${height}px` } as CSSProperties}
        className="h-(--height) max-md:h-[calc(var(--height)+60px)]"
      >
        <DrawingBoundary message={t("failed")}>
          <Graph {...props} drawing={drawing} />
        </DrawingBoundary>
      </div>
    </section>
  );
}

/** Laid out again when places or lines come or go, not when a line changes its colour. */
function useDrawing({ nodes, edges }: TopologyGraph) {
  const shape = JSON.stringify([
    nodes.map((node) => [node.key, node.region, node.kind === "instance" ? node.name : ""]),
    edges.map(({ from, to }) => [from, to]).sort(),
  ]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is what of nodes and edges the layout reads
  return useMemo(() => layoutGraph(nodes, edges, LABEL_WIDTH), [shape]);
}

/** The drawing in a sentence: how much there is, and what is wrong. */
function useDescription({ nodes, edges }: TopologyGraph): string {
  const t = useTranslations("topology");
  const common = useTranslations("common");
  const nameOf = useNodeName();
  const names = new Map(nodes.map((node) => [node.key, nameOf(node)]));
  const bad = edges.filter(({ state }) => state === "failed" || state === "partial").slice(0, 5);
  const list = bad.map(({ from, to, rules, state }) =>
    t("graph.edge", {
      from: names.get(from) ?? "",
      to: names.get(to) ?? "",
      n: rules,
      state: t(`state.${state}`),
    }),
  );
  return t("graph.description", {
    instances: nodes.length,
    edges: edges.length,
    bad: list.length > 0 ? t("graph.bad", { list: list.join(common("listSeparator")) }) : t("graph.allGood"),
  });
}
