import type { EdgeState, TopologyGraph } from "@/lib/schemas/topology.ts";
import type { Drawing } from "./layout/geometry.ts";

export interface GraphProps {
  graph: TopologyGraph;
  drawing: Drawing;
  chosen: { at: string | null; edge: string | null; state: EdgeState | null; region: string | null };
  /** The line that the table points at. */
  marked: string | null;
  onChoose: (choice: { at: string } | { from: string; to: string } | null) => void;
  onExpand: (region: string | null) => void;
}
