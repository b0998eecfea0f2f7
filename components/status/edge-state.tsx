import { ChevronsRight, CircleCheck, CircleSlash, Contrast, OctagonX, SearchX, Square } from "lucide-react";
import type { EdgeState } from "@/lib/schemas/topology.ts";
import { CircleDashed } from "../kit/circle-dashed.tsx";
import { type Look, StatusIcon, TEXT } from "./look.tsx";

interface Line extends Look {
  stroke: string;
  /** Apart without colour too. */
  dash?: string;
}

/** Lines between instances: the state of their rules. */
const EDGE: Record<EdgeState, Line> = {
  succeeded: { icon: CircleCheck, tone: "malachite", stroke: "var(--malachite-fill)" },
  active: { icon: ChevronsRight, tone: "azurite", stroke: "var(--azurite-fill)" },
  partial: { icon: Contrast, tone: "gamboge", stroke: "var(--gamboge-fill)" },
  "nothing-matched": { icon: SearchX, tone: "gamboge", stroke: "var(--gamboge-fill)", dash: "12 3 3 3" },
  failed: { icon: OctagonX, tone: "cinnabar", stroke: "var(--cinnabar-fill)", dash: "7 4" },
  stopped: { icon: Square, tone: "slate", stroke: "var(--slate-fill)", dash: "12 4" },
  never: { icon: CircleDashed, tone: "slate", stroke: "var(--slate-fill)" },
  disabled: { icon: CircleSlash, tone: "slate", stroke: "var(--slate-fill)", dash: "2 4" },
};

export function edgeLine(state: EdgeState): { stroke: string; dash: string | undefined; text: string } {
  const { stroke, dash, tone } = EDGE[state];
  return { stroke, dash, text: TEXT[tone] };
}

export function EdgeStateIcon({ state }: { state: EdgeState }) {
  return <StatusIcon look={EDGE[state]} size={12} />;
}
