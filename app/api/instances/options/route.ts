import { listInstanceOptions, searchInstanceOptions } from "@/lib/data/instance-options.ts";
import { InstanceOptionQuery } from "@/lib/schemas/instance.ts";
import { queryOf, respond } from "../../respond.ts";

/** All instances for who counts them; with `q` the first that it finds, for who chooses one. */
export function GET(request: Request): Promise<Response> {
  const { q } = InstanceOptionQuery.parse(queryOf(request));
  return respond("instance:list", {}, (actor) =>
    q === undefined ? listInstanceOptions(actor) : searchInstanceOptions(actor, q),
  );
}
