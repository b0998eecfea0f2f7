import { bulkImpact } from "@/lib/data/rule-bulk.ts";
import { AppError } from "@/lib/errors.ts";
import { RuleSelection } from "@/lib/schemas/rule-bulk.ts";
import { queryOf, respond } from "../../respond.ts";

/** What a bulk action meets: `selection` is a RuleSelection as JSON. */
export function GET(request: Request): Promise<Response> {
  return respond("rule:switch", {}, (actor) => {
    const selection = RuleSelection.safeParse(parsed(queryOf(request).selection));
    if (!selection.success) {
      throw new AppError("INVALID", "invalid");
    }
    return bulkImpact(actor, selection.data);
  });
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "");
  } catch {
    return null;
  }
}
