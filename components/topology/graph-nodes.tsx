"use client";

import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import clsx from "clsx";
import { ChevronsUpDown, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { createContext, type KeyboardEvent, type MouseEvent, useContext } from "react";
import type { TopologyNode } from "@/lib/schemas/topology.ts";
import { HealthMark, HealthShape } from "../kit/health-mark.tsx";
import { Link } from "../kit/link.tsx";
import { NODE_WIDTH } from "./layout/channels.ts";

export interface GraphActions {
  /** Chooses a place, or lets it go. */
  toggle: (key: string) => void;
  /** Chooses the lines of a place, one after the other. */
  nextLine: (key: string) => void;
  expand: (region: string | null) => void;
  onArrow: (key: string, event: KeyboardEvent) => void;
  /** Brings a place into sight that got the focus. */
  reveal: (key: string) => void;
  hint: string;
}

/** Not in the data of the nodes: they would all be made anew when the page is. */
export const GraphActionsContext = createContext<GraphActions | null>(null);

export type PlaceNode = Node<
  { place: TopologyNode; selected: boolean; out: number; incoming: number; width: number; height: number },
  "place"
>;
export type BandNode = Node<
  {
    /** null: places that are regions, under no name. */
    region: string | null;
    width: number;
    height: number;
    /** Where the name begins, px from the left. */
    nameX: number;
    /** At the left edge. */
    first: boolean;
    /** null: there is only one, and its lines have no end. */
    shelf: number | null;
    open: boolean;
  },
  "band"
>;

const PLACE =
  "flex w-full flex-col justify-center rounded-sm bg-surface px-3 text-left leading-[calc(15px*var(--larger))] hover:bg-hover";

export function PlaceView({ data }: NodeProps<PlaceNode>) {
  const { place, selected, width, height } = data;
  const edge = selected
    ? "shadow-[inset_0_0_0_2px_var(--azurite)]"
    : "shadow-[inset_0_0_0_1px_var(--line-control)]";
  return (
    <div
      style={{ width, height }}
      className={clsx("pointer-events-auto flex cursor-pointer rounded-sm", edge)}
    >
      {/* Lines end at figures of our own; the library wants to know that there is something to end at. */}
      <Handle type="source" position={Position.Right} isConnectable={false} className="invisible" />
      <Handle type="target" position={Position.Left} isConnectable={false} className="invisible" />
      {place.kind === "region" ? (
        <RegionPlace place={place} edge={edge} />
      ) : (
        <InstancePlace place={place} edge={edge} data={data} />
      )}
    </div>
  );
}

/** Space chooses the place, with Shift the next of its lines; arrows lead along them. */
function onPlaceKey(actions: GraphActions | null, key: string, event: KeyboardEvent): void {
  if (event.key !== " ") {
    actions?.onArrow(key, event);
    return;
  }
  event.preventDefault();
  if (event.shiftKey) {
    actions?.nextLine(key);
  } else {
    actions?.toggle(key);
  }
}

/** Enter follows the link; a click chooses the place, as the table below then shows. */
function InstancePlace({
  place,
  edge,
  data,
}: {
  place: TopologyNode & { kind: "instance" };
  edge: string;
  data: PlaceNode["data"];
}) {
  const t = useTranslations("topology.graph");
  const common = useTranslations("common");
  const actions = useContext(GraphActionsContext);
  const shared = {
    "data-place": place.key,
    "aria-describedby": actions?.hint,
    "aria-current": data.selected ? ("true" as const) : undefined,
    className: clsx(PLACE, edge, "nopan"),
    onFocus: () => actions?.reveal(place.key),
    onKeyDown: (event: KeyboardEvent) => onPlaceKey(actions, place.key, event),
  };
  const content = (
    <>
      <span className="flex w-full items-center gap-2">
        {place.viewed ? <HealthShape status={place.health} /> : null}
        <span className="truncate font-medium">{place.name}</span>
        {place.health === "healthy" ? <span className="sr-only">{common("health.healthy")}</span> : null}
      </span>
      {place.viewed ? (
        // The word beside the host, which is cut before a name is.
        <span className="flex w-full items-center gap-2">
          <code className="min-w-0 truncate text-[calc(11px*min(var(--larger),1.1))] text-ink-3">
            {place.host}
          </code>
          {place.health === "healthy" ? null : (
            <span className="ml-auto shrink-0 text-meta [&_svg]:hidden">
              <HealthMark status={place.health} />
            </span>
          )}
        </span>
      ) : (
        <span className="text-ink-3 text-meta">{t("nameOnly")}</span>
      )}
      <span className="sr-only">{t("degree", { out: data.out, in: data.incoming })}</span>
    </>
  );
  const choose = (event: MouseEvent) => {
    // A key press on a link comes as a click without a button count.
    if (event.detail > 0 && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      actions?.toggle(place.key);
    }
  };
  return place.viewed ? (
    <Link href={`/instances/${place.key}`} onClick={choose} {...shared}>
      {content}
    </Link>
  ) : (
    <button type="button" onClick={() => actions?.toggle(place.key)} {...shared}>
      {content}
    </button>
  );
}

function RegionPlace({ place, edge }: { place: TopologyNode & { kind: "region" }; edge: string }) {
  const t = useTranslations("topology.graph");
  const actions = useContext(GraphActionsContext);
  const region = place.region || t("noRegion");
  return (
    <button
      type="button"
      data-place={place.key}
      aria-describedby={actions?.hint}
      className={clsx(PLACE, edge, "nopan")}
      onClick={() => actions?.expand(place.region)}
      onFocus={() => actions?.reveal(place.key)}
      onKeyDown={(event) => onPlaceKey(actions, place.key, event)}
    >
      <span className="flex w-full items-center gap-2">
        <span className="truncate font-medium">{region}</span>
        <ChevronsUpDown aria-hidden className="ml-auto size-3.5 rotate-90 text-ink-3" />
      </span>
      <span className="flex w-full items-center gap-1.5 truncate text-ink-3 text-meta">
        {t("instances", { n: place.instances })}
        {place.unreachable > 0 ? (
          <span className="flex items-center gap-1.5">
            <HealthShape status="unreachable" />
            {t("unreachable", { n: place.unreachable })}
          </span>
        ) : null}
      </span>
      <span className="sr-only">{t("press")}</span>
    </button>
  );
}

/** The name of a region over its band, and the hairlines left of it and above its shelf. */
export function BandView({ data }: NodeProps<BandNode>) {
  const t = useTranslations("topology.graph");
  const actions = useContext(GraphActionsContext);
  const { region, width, height, nameX, first, shelf, open } = data;
  return (
    <div
      style={{ width, height }}
      className={clsx(
        "pointer-events-none relative",
        !first && "before:absolute before:left-0 before:w-px before:bg-line",
        !first && (shelf === null ? "before:-top-[1000px] before:h-[4000px]" : "before:inset-y-0"),
        first &&
          shelf &&
          "after:absolute after:top-0 after:-left-[2000px] after:h-px after:w-[8000px] after:bg-line",
      )}
    >
      {region === null ? null : (
        <span
          style={{ left: nameX, maxWidth: shelf === null ? "80%" : NODE_WIDTH }}
          className="absolute top-3 flex items-center gap-1 text-ink-3 text-meta"
        >
          <span className="truncate" title={region}>
            {region || t("noRegion")}
          </span>
          {open ? (
            <button
              type="button"
              onClick={() => actions?.expand(null)}
              className="nopan pointer-events-auto flex h-6 shrink-0 items-center gap-1 rounded-sm px-1.5 font-medium text-azurite-fg hover:bg-hover"
            >
              <X aria-hidden className="size-3" />
              {t("collapse")}
            </button>
          ) : null}
        </span>
      )}
    </div>
  );
}
