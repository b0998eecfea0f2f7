import { taskJoins } from "@/lib/data/tasks.ts";
import { respond, type WithId } from "../../../respond.ts";

export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  const { id: taskId } = await params;
  return respond("task:view", { taskId }, (actor) => taskJoins(actor, taskId));
}
