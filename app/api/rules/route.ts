import { listRules } from "@/lib/data/rules.ts";
import { RuleListQuery } from "@/lib/schemas/rule.ts";
import { queryOf, respond } from "../respond.ts";

export function GET(request: Request): Promise<Response> {
  return respond("rule:view", {}, (actor) => listRules(actor, RuleListQuery.parse(queryOf(request))));
}
