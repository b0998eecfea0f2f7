"use client";

import { useLocale, useTranslations } from "next-intl";
import { formatSpan } from "@/lib/format/duration.ts";
import type { Locale } from "@/lib/format/locale.ts";
import { formatRelative } from "@/lib/format/time.ts";
import type { TopologyEdge, TopologyNode } from "@/lib/schemas/topology.ts";
import { useTimeStyle } from "../kit/relative-time.tsx";

/** What a line says beside its colour: how many rules, their state, and how far they are behind or, if all is well, since when. */
export function useEdgeWords(): (edge: TopologyEdge, now: string) => string {
  const t = useTranslations("topology");
  const behindOf = useBehind();
  const style = useTimeStyle();
  return (edge, now) => {
    const state =
      edge.state === "succeeded" && edge.oldestSuccessAt
        ? formatRelative(edge.oldestSuccessAt, now, style)
        : t(`word.${edge.state}`);
    const behind = edge.missingSince ? behindOf(edge.missingSince, now) : null;
    const calm = edge.state === "succeeded" || edge.state === "active";
    const word = behind ? (calm ? behind : t("graph.and", { state, behind })) : state;
    return edge.rules === 1
      ? t("graph.edgeLabelOne", { word })
      : t("graph.edgeLabel", { n: edge.rules, word });
  };
}

/** How far behind, by the moment since when something is missing. */
export function useBehind(): (since: string, now: string) => string {
  const t = useTranslations("lag");
  const locale = useLocale() as Locale;
  return (since, now) =>
    t("behind", { span: formatSpan(Math.max(0, Date.parse(now) - Date.parse(since)), locale) });
}

export function useNodeName(): (node: TopologyNode) => string {
  const t = useTranslations("topology.graph");
  return (node) => (node.kind === "instance" ? node.name : node.region || t("noRegion"));
}
