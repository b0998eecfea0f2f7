import { deletionCounts } from "@/lib/data/deletions.ts";
import { respond, type WithId } from "../../../../respond.ts";

export async function GET(_: Request, { params }: WithId): Promise<Response> {
  const { id: ruleId } = await params;
  return respond("rule:view", { ruleId }, (actor) => deletionCounts(actor, ruleId));
}
