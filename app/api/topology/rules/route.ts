import { topologyRows } from "@/lib/data/topology-rows.ts";
import { TopologyQuery } from "@/lib/schemas/topology-query.ts";
import { queryOf, respond } from "../../respond.ts";

export function GET(request: Request): Promise<Response> {
  return respond("topology:view", {}, (actor) => topologyRows(actor, TopologyQuery.parse(queryOf(request))));
}
