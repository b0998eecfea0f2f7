import { getRuleDetail } from "@/lib/data/rule-totals.ts";
import { respond, type WithId } from "../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: ruleId } = await params;
  return respond("rule:view", { ruleId }, (actor) => getRuleDetail(actor, ruleId));
}
