import { listTasks } from "@/lib/data/task-list.ts";
import { TaskListQuery } from "@/lib/schemas/task-query.ts";
import { queryOf, respond } from "../respond.ts";

export function GET(request: Request): Promise<Response> {
  return respond("task:view", {}, (actor) => listTasks(actor, TaskListQuery.parse(queryOf(request))));
}
