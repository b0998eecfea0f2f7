import { ruleImpact } from "@/lib/data/rules.ts";
import { respond, type WithId } from "../../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: ruleId } = await params;
  return respond("rule:delete", { ruleId }, (actor) => ruleImpact(actor, ruleId));
}
