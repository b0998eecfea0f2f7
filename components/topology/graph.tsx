"use client";

import "@xyflow/react/dist/base.css";
import { Panel, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { Maximize, Minus, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useMemo, useRef } from "react";
import type { TopologyGraph } from "@/lib/schemas/topology.ts";
import { Button } from "../kit/button.tsx";
import { type StepEdge, StepEdgeView } from "./graph-edge.tsx";
import { BandView, GraphActionsContext, PlaceView } from "./graph-nodes.tsx";
import type { GraphProps } from "./graph-props.ts";
import { LEAST_ZOOM } from "./layout/channels.ts";
import type { Drawing } from "./layout/geometry.ts";
import { viewOf } from "./layout/view.ts";
import { nextLine } from "./next-line.ts";
import { ARROWS, towards } from "./towards.ts";
import { useGraphElements } from "./use-graph-elements.ts";

const NODE_TYPES = { place: PlaceView, band: BandView };
const EDGE_TYPES = { step: StepEdgeView };
/** As far as the library zooms out, and in. */
const [FARTHEST, NEAREST] = [0.2, 1.6];

/** The drawing; loaded when there is one to show. */
export function Graph(props: GraphProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ graph, drawing, chosen, marked, onChoose, onExpand }: GraphProps) {
  const t = useTranslations("topology.graph");
  const frame = useRef<HTMLDivElement>(null);
  const hint = useId();
  const { nodes, edges } = useGraphElements({ graph, drawing, chosen, marked });
  const onArrow = useArrowKeys(graph, drawing, frame);
  const show = useShow(drawing, frame);
  const open = useCallback(() => show(LEAST_ZOOM), [show]);
  useShowNew(drawing, open);
  const keep = useFit(frame, drawing, open);
  const reveal = useReveal(drawing, frame, keep);
  const actions = useMemo(
    () => ({
      toggle: (key: string) => onChoose(chosen.at === key ? null : { at: key }),
      nextLine: (key: string) => onChoose(nextLine(key, chosen.edge, graph.edges)),
      expand: onExpand,
      onArrow,
      reveal,
      hint,
    }),
    [chosen.at, chosen.edge, graph.edges, onChoose, onExpand, onArrow, reveal, hint],
  );
  return (
    <GraphActionsContext value={actions}>
      <div
        ref={frame}
        className="h-full text-[calc(0.8125rem*var(--larger))] [--fs-meta:calc(0.75rem*var(--larger))] [--larger:1]"
      >
        <p id={hint} className="sr-only">
          {t("keys")}
        </p>
        <ReactFlow
          aria-label={t("label")}
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onInit={open}
          onMoveStart={(event) => (event ? keep() : undefined)}
          minZoom={FARTHEST}
          maxZoom={NEAREST}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          // The page keeps its wheel; a pinch, or Ctrl with the wheel, zooms.
          zoomOnScroll={false}
          preventScrolling={false}
          zoomOnDoubleClick={false}
          deleteKeyCode={null}
          selectionKeyCode={null}
          panActivationKeyCode={null}
          proOptions={{ hideAttribution: true }}
          onEdgeClick={(_event, { id, data }: StepEdge) =>
            onChoose(chosen.edge === id || !data ? null : { from: data.edge.from, to: data.edge.to })
          }
          onPaneClick={() => onChoose(null)}
          ariaLabelConfig={{
            "node.a11yDescription.default": t("keys"),
            "node.a11yDescription.keyboardDisabled": t("keys"),
            "edge.a11yDescription.default": t("keys"),
          }}
        >
          <Panel position="bottom-right" onClickCapture={keep}>
            <ZoomButtons showAll={() => show(FARTHEST)} />
          </Panel>
        </ReactFlow>
      </div>
    </GraphActionsContext>
  );
}

/** Shows the whole drawing, or its upper left at `least`. */
function useShow(drawing: Drawing, frame: RefObject<HTMLDivElement | null>): (least: number) => void {
  const { setViewport } = useReactFlow();
  return useCallback(
    (least) => {
      if (frame.current) {
        const { larger, ...view } = viewOf(drawing, frame.current.getBoundingClientRect(), least);
        frame.current.style.setProperty("--larger", String(larger));
        void setViewport(view);
      }
    },
    [drawing, frame, setViewport],
  );
}

/** A new drawing, of other instances or an opened region, is shown from its beginning. */
function useShowNew(drawing: Drawing, open: () => void): void {
  const shown = useRef(drawing);
  useEffect(() => {
    if (shown.current !== drawing) {
      shown.current = drawing;
      open();
    }
  }, [drawing, open]);
}

/**
 * A frame of another size shows the drawing from its beginning again, until the viewer has moved it: then it stays where it was
 * put. @returns what notes that it was moved
 */
function useFit(frame: RefObject<HTMLDivElement | null>, drawing: Drawing, open: () => void): () => void {
  const moved = useRef<Drawing>(null);
  useEffect(() => {
    // Told of the size that it has at first, too.
    let told = false;
    const observer = new ResizeObserver(() => {
      if (told && moved.current !== drawing) {
        open();
      }
      told = true;
    });
    if (frame.current) {
      observer.observe(frame.current);
    }
    return () => observer.disconnect();
  }, [frame, drawing, open]);
  return useCallback(() => {
    moved.current = drawing;
  }, [drawing]);
}

/** What gets the focus out of sight comes into the middle. */
function useReveal(
  { boxes }: Drawing,
  frame: RefObject<HTMLDivElement | null>,
  onMoved: () => void,
): (key: string) => void {
  const { setCenter, getZoom, flowToScreenPosition } = useReactFlow();
  return useCallback(
    (key) => {
      const box = boxes.get(key);
      const view = frame.current?.getBoundingClientRect();
      if (!box || !view) {
        return;
      }
      const from = flowToScreenPosition({ x: box.x, y: box.y });
      const to = flowToScreenPosition({ x: box.x + box.width, y: box.y + box.height });
      if (from.x < view.left || to.x > view.right || from.y < view.top || to.y > view.bottom) {
        onMoved();
        void setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom: getZoom() });
      }
    },
    [boxes, frame, onMoved, setCenter, getZoom, flowToScreenPosition],
  );
}

/** Arrow keys go along lines. */
function useArrowKeys(
  { edges }: TopologyGraph,
  { boxes }: Drawing,
  frame: RefObject<HTMLDivElement | null>,
): (key: string, event: KeyboardEvent) => void {
  return useCallback(
    (key, event) => {
      const arrow = ARROWS.find((each) => each === event.key);
      const next = arrow && !event.metaKey && !event.ctrlKey ? towards(key, arrow, { edges, boxes }) : null;
      if (next !== null) {
        event.preventDefault();
        frame.current
          ?.querySelector<HTMLElement>(`[data-place="${CSS.escape(next)}"]`)
          ?.focus({ preventScroll: true });
      }
    },
    [edges, boxes, frame],
  );
}

function ZoomButtons({ showAll }: { showAll: () => void }) {
  const t = useTranslations("topology.graph");
  const { zoomIn, zoomOut } = useReactFlow();
  return (
    <div className="flex gap-1">
      <Button
        size="sm"
        aria-label={t("zoomOut")}
        icon={<Minus aria-hidden />}
        onClick={() => void zoomOut()}
      />
      <Button size="sm" aria-label={t("zoomIn")} icon={<Plus aria-hidden />} onClick={() => void zoomIn()} />
      <Button size="sm" aria-label={t("fit")} icon={<Maximize aria-hidden />} onClick={showAll} />
    </div>
  );
}
