import { failureReasons } from "@/lib/data/failure-reasons.ts";
import { respond, type WithId } from "../../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: taskId } = await params;
  return respond("task:view", { taskId }, (actor) => failureReasons(actor, taskId));
}
