import { listInstances } from "@/lib/data/instances.ts";
import { InstanceListQuery } from "@/lib/schemas/instance.ts";
import { queryOf, respond } from "../respond.ts";

export function GET(request: Request): Promise<Response> {
  return respond("instance:list", {}, (actor) =>
    listInstances(actor, InstanceListQuery.parse(queryOf(request))),
  );
}
