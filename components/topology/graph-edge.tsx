"use client";

import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import clsx from "clsx";
import type { EdgeState, TopologyEdge } from "@/lib/schemas/topology.ts";
import { EdgeStateIcon, edgeLine } from "../status/edge-state.tsx";
import type { DrawnEdge } from "./layout/geometry.ts";

export type StepEdge = Edge<
  {
    edge: TopologyEdge;
    drawn: DrawnEdge;
    words: string;
    chosen: boolean;
    opacity: number;
    /** `shapes`: only that something is wrong. */
    says: "words" | "shapes" | "nothing";
  },
  "step"
>;

const SOUND: ReadonlySet<EdgeState> = new Set(["succeeded", "active", "never", "disabled"]);

/** Nobody has to look at it. */
export function isSound(state: EdgeState): boolean {
  return SOUND.has(state);
}

const ARROW = 7;
const SHIFT = { start: "0", middle: "-50%", end: "-100%" } as const;

/** A line with its arrow and its words; thicker the more rules there are. */
export function StepEdgeView({ id, data }: EdgeProps<StepEdge>) {
  if (!data) {
    return null;
  }
  const { edge, drawn, words, chosen, opacity, says } = data;
  // What steps back says nothing: words that fade cannot be read.
  const told = opacity === 1 && (says === "words" || (says === "shapes" && !isSound(edge.state)));
  const { stroke, dash, text } = edgeLine(edge.state);
  const width = Math.min(3.2, 1.4 + 0.35 * edge.rules) + (chosen ? 1 : 0);
  const { path, arrow } = pathOf(drawn.points);
  return (
    <>
      <g opacity={opacity}>
        <BaseEdge
          id={id}
          path={path}
          interactionWidth={14}
          style={{ stroke, strokeWidth: width, strokeDasharray: dash, strokeLinejoin: "miter" }}
        />
        <path d={arrow} fill={stroke} />
      </g>
      {told ? (
        <EdgeLabelRenderer>
          <div
            aria-hidden
            style={{
              transform: `translate(${SHIFT[drawn.label.anchor]}, -50%) translate(${drawn.label.x}px, ${drawn.label.y}px)`,
            }}
            className={clsx(
              "pointer-events-none absolute flex items-center gap-1 whitespace-nowrap bg-canvas px-1 font-medium text-meta",
              text,
            )}
          >
            {isSound(edge.state) ? null : <EdgeStateIcon state={edge.state} />}
            {says === "words" ? words : null}
          </div>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}

/** The line, cut short by its arrow, and the arrow. */
function pathOf(points: DrawnEdge["points"]): { path: string; arrow: string } {
  const end = points.at(-1);
  const before = points.at(-2);
  if (!end || !before) {
    return { path: "", arrow: "" };
  }
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const base = { x: end.x - dx * ARROW, y: end.y - dy * ARROW };
  const line = [...points.slice(0, -1), base];
  return {
    path: line.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(""),
    arrow: `M${end.x} ${end.y}L${base.x - dy * 4} ${base.y + dx * 4}L${base.x + dy * 4} ${base.y - dx * 4}Z`,
  };
}
