import { z } from "zod";
import { cycleOf } from "@/lib/data/rule-cycle.ts";
import { AppError } from "@/lib/errors.ts";
import { CreateRuleInput } from "@/lib/schemas/rule.ts";
import { queryOf, refuse, respond } from "../../respond.ts";

const Draft = CreateRuleInput.pick({ sourceInstanceId: true, sourceNamespace: true, targets: true }).extend({
  ruleId: z.uuid().nullish(),
});

/** `{path}` of the loop that a rule as drafted (`?draft=` as JSON) would close; empty when it closes none. */
export async function GET(request: Request): Promise<Response> {
  const parsed = Draft.safeParse(readJson(queryOf(request).draft ?? ""));
  if (!parsed.success) {
    return refuse(new AppError("INVALID", "invalid"));
  }
  const { ruleId, ...draft } = parsed.data;
  return respond("rule:create", { instanceId: draft.sourceInstanceId }, async (actor) => ({
    path: await cycleOf(actor, ruleId ? { ...draft, ruleId } : draft),
  }));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
