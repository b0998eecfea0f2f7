import { topologyGraph } from "@/lib/data/topology.ts";
import { TopologyQuery } from "@/lib/schemas/topology-query.ts";
import { queryOf, respond } from "../respond.ts";

export function GET(request: Request): Promise<Response> {
  return respond("topology:view", {}, (actor) => topologyGraph(actor, TopologyQuery.parse(queryOf(request))));
}
