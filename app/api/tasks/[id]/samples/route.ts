import { listSamples } from "@/lib/data/task-samples.ts";
import { respond, type WithId } from "../../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: taskId } = await params;
  return respond("task:view", { taskId }, (actor) => listSamples(actor, taskId));
}
