import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { consolePage, listPart } from "@/app/console-page.tsx";
import { TaskDeletions } from "@/components/deletions/task-deletions.tsx";
import { TaskSkeleton } from "@/components/tasks/task-skeleton.tsx";
import { TaskView } from "@/components/tasks/task-view.tsx";
import type { Actor } from "@/lib/auth/actor.ts";
import { authorizePage } from "@/lib/auth/page.ts";
import { deletionsOfTask } from "@/lib/data/deletions.ts";
import { failureReasons } from "@/lib/data/failure-reasons.ts";
import { taskEnds } from "@/lib/data/task-ends.ts";
import { listSamples } from "@/lib/data/task-samples.ts";
import { getTaskDetail, taskJoins } from "@/lib/data/tasks.ts";
import { failedNeighbours, getTransfer, listTransfers } from "@/lib/data/transfers.ts";
import { AppError } from "@/lib/errors.ts";
import { searchOf } from "@/lib/format/search-href.ts";
import { textOf } from "@/lib/format/text-of.ts";
import { TransferListQuery } from "@/lib/schemas/task-query.ts";
import type { TransferRow } from "@/lib/schemas/transfer.ts";

const pageTitle = async () => (await getTranslations("tasks"))("title");

export async function generateMetadata(): Promise<Metadata> {
  return { title: await pageTitle() };
}

interface TaskPageProps {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The transfer that is open in the aside, and whether the throughput is shown as numbers, are in the URL too. */
const Opened = z.object({
  transfer: z.uuid().optional().catch(undefined),
  data: z.literal("1").optional().catch(undefined),
});

/** One task, live. */
async function TaskPage({ params, searchParams }: TaskPageProps) {
  const { id } = await params;
  const search = await searchParams;
  const actor = await authorizePage("task:view", { taskId: id });
  return listPart(() => Task({ actor, id, search }), <TaskSkeleton />, await pageTitle());
}

interface TaskProps {
  actor: Actor<"task:view">;
  id: string;
  search: Awaited<TaskPageProps["searchParams"]>;
}

async function Task({ actor, id, search }: TaskProps) {
  const query = TransferListQuery.parse(search);
  const { transfer, data } = Opened.parse(search);
  const [task, joins, failures, transfers, opened, samples, gone] = await Promise.all([
    getTaskDetail(actor, id),
    taskJoins(actor, id),
    failureReasons(actor, id),
    listTransfers(actor, id, query),
    transfer ? openedTransfer(actor, id, transfer) : null,
    listSamples(actor, id),
    deletionsOfTask(actor, id),
  ]);
  const [ends, neighbours] = await Promise.all([
    taskEnds(actor, task),
    opened?.status === "failed" ? failedNeighbours(actor, opened) : null,
  ]);
  const { operate } = actor;
  return (
    <>
      <TaskDeletions key={`${id} deletions`} task={task} initial={gone} />
      <TaskView
        key={id}
        found={textOf({ task, joins, failures, transfers, opened, ends, samples, neighbours })}
        query={query}
        apiSearch={searchOf(query, { size: 50 })}
        search={searchOf({ ...query, transfer, data }, { size: 50 })}
        asData={data === "1"}
        canOperate={operate === "all" || operate.includes(task.sourceInstance.id)}
      />
    </>
  );
}

/** An id of another task, or of nothing, opens nothing: the page itself is still right. */
async function openedTransfer(
  actor: Actor<"task:view">,
  taskId: string,
  id: string,
): Promise<TransferRow | null> {
  try {
    const transfer = await getTransfer(actor, id);
    return transfer.taskId === taskId ? transfer : null;
  } catch (error) {
    if (error instanceof AppError) {
      return null;
    }
    throw error;
  }
}

TaskPage.heading = pageTitle;

export default consolePage(TaskPage, [
  "common.pager",
  "common.search",
  "deletions.task",
  "errors.failure",
  "lag.targets",
  "limits",
  "rules.*",
  "rules.narrowing",
  "status.live",
  "status.load",
  "status.task",
  "status.transfer",
  "status.trigger",
  "tasks",
  "transfers",
  "verify.form.depth",
  "verify.phase",
  "verify.transfer",
]);
