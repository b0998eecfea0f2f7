import { getInstanceDetail } from "@/lib/data/instance-detail.ts";
import { respond, type WithId } from "../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id } = await params;
  return respond("instance:view", { instanceId: id }, (actor) => getInstanceDetail(actor, id));
}
