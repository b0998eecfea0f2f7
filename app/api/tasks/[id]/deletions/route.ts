import { deletionsOfTask } from "@/lib/data/deletions.ts";
import { respond, type WithId } from "../../../respond.ts";

export async function GET(_: Request, { params }: WithId): Promise<Response> {
  const { id: taskId } = await params;
  return respond("task:view", { taskId }, (actor) => deletionsOfTask(actor, taskId));
}
