import { readNamespaces } from "@/lib/actions/connection.ts";
import { connectionOf } from "@/lib/data/instances.ts";
import { respond, type WithId } from "../../../respond.ts";

/** `{namespaces, truncated}`, or `{namespaces: null, fact}` where the registry cannot list: the name is typed then. */
export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: instanceId } = await params;
  return respond("instance:namespaces", { instanceId }, (actor) =>
    readNamespaces(connectionOf(actor, instanceId)),
  );
}
