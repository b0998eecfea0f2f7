import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { TopologyEmpty } from "@/components/topology/topology-empty.tsx";
import { TopologySkeleton } from "@/components/topology/topology-head.tsx";
import { TopologyView } from "@/components/topology/topology-view.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { topologyGraph } from "@/lib/data/topology.ts";
import { topologyRows } from "@/lib/data/topology-rows.ts";
import { searchOf } from "@/lib/format/search-href.ts";
import { TopologyQuery } from "@/lib/schemas/topology-query.ts";

const pageTitle = async () => (await getTranslations("topology"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface TopologyPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** 拓扑: the instances one may see and who feeds whom, as a drawing and as a table. */
async function TopologyPage({ searchParams }: TopologyPageProps) {
  const actor = await authorizePage("topology:view");
  const query = TopologyQuery.parse(await searchParams);
  return listPart(
    () => Topology({ actor, query }),
    <TopologySkeleton drawn={query.view !== "table"} />,
    await pageTitle(),
  );
}

interface TopologyProps {
  actor: Actor<"topology:view">;
  query: TopologyQuery;
}

async function Topology({ actor, query }: TopologyProps) {
  const [graph, rows] = await Promise.all([topologyGraph(actor, query), topologyRows(actor, query)]);
  if (graph.rules === 0) {
    return <TopologyEmpty instances={graph.instances} mayAdd={actor.user.role === "root"} />;
  }
  const { at, from, to, state, after, before, size } = query;
  return (
    <TopologyView
      graph={graph}
      rows={rows}
      region={query.region ?? ""}
      search={searchOf({ at, from, to, state, after, before, size }, { size: 20 })}
      size={size}
    />
  );
}

TopologyPage.heading = pageTitle;

export default consolePage(TopologyPage, [
  "common.health",
  "common.pager",
  "lag.*",
  "rules.root",
  "status.live",
  "status.load",
  "status.task",
  "topology",
]);
