"use client";

import clsx from "clsx";
import { useTranslations } from "next-intl";
import { EDGE_STATES, type EdgeState, type TopologyEdge } from "@/lib/schemas/topology.ts";
import { intoView } from "../kit/into-view.ts";
import { edgeLine } from "../status/edge-state.tsx";

/** Always told; the others when there is one. */
const ALWAYS: ReadonlySet<EdgeState> = new Set(["succeeded", "active", "partial", "failed", "disabled"]);
const ORDER = [...EDGE_STATES].sort((a, b) => Number(b === "succeeded") - Number(a === "succeeded"));

/** What the lines mean; each filters by its state. */
export function Legend({
  edges,
  state,
  onState,
}: {
  edges: readonly TopologyEdge[];
  state: EdgeState | null;
  onState: (state: EdgeState | null) => void;
}) {
  const t = useTranslations("topology");
  const present = new Set(edges.map((edge) => edge.state));
  return (
    <fieldset className="flex min-w-0 items-center gap-1 overflow-x-auto text-meta max-md:-mx-4 max-md:w-screen max-md:px-2 md:flex-wrap md:max-xl:order-1 md:max-xl:-mx-2 md:max-xl:w-full">
      <legend className="sr-only">{t("legend")}</legend>
      {ORDER.filter((each) => ALWAYS.has(each) || present.has(each) || each === state).map((each) => {
        const { stroke, dash } = edgeLine(each);
        return (
          <button
            key={each}
            type="button"
            ref={each === state ? intoView : null}
            aria-pressed={each === state}
            onClick={() => onState(each === state ? null : each)}
            className={clsx(
              "flex h-7 items-center gap-2 rounded-sm px-2 whitespace-nowrap max-md:h-11",
              each === state
                ? "bg-azurite-soft font-medium text-azurite-fg"
                : "text-ink-2 hover:bg-hover hover:text-ink",
            )}
          >
            <svg width="26" height="8" aria-hidden="true">
              <path d="M0 4h26" stroke={stroke} strokeWidth="2.5" strokeDasharray={dash} />
            </svg>
            {t(`state.${each}`)}
          </button>
        );
      })}
    </fieldset>
  );
}
