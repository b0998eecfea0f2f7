import { listDeletions } from "@/lib/data/deletions.ts";
import { DeletionListQuery } from "@/lib/schemas/deletion.ts";
import { queryOf, respond, type WithId } from "../../../respond.ts";

export async function GET(request: Request, { params }: WithId): Promise<Response> {
  const { id: ruleId } = await params;
  return respond("rule:view", { ruleId }, (actor) =>
    listDeletions(actor, ruleId, DeletionListQuery.parse(queryOf(request))),
  );
}
