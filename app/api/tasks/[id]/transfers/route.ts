import { listTransfers } from "@/lib/data/transfers.ts";
import { TransferListQuery } from "@/lib/schemas/task-query.ts";
import { queryOf, respond, type WithId } from "../../../respond.ts";

export async function GET(request: Request, { params }: WithId): Promise<Response> {
  const { id: taskId } = await params;
  return respond("task:view", { taskId }, (actor) =>
    listTransfers(actor, taskId, TransferListQuery.parse(queryOf(request))),
  );
}
