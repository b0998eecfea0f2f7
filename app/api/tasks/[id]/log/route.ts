import { authorize } from "@/lib/auth/authorize.ts";
import { taskLog } from "@/lib/data/task-log.ts";
import { log } from "@/lib/log.ts";
import { refuse, type WithId } from "../../../respond.ts";

/** Lines are gathered to pieces of this size: a line apiece would cost more than it carries. */
const CHUNK_CHARACTERS = 64 * 1024;

/** 下载日志: the task and each of its transfers as JSONL, read as fast as the client takes it. */
export async function GET(_request: Request, { params }: WithId): Promise<Response> {
  try {
    const { id: taskId } = await params;
    const actor = await authorize("task:view", { taskId });
    const { task, lines } = await taskLog(actor, taskId);
    const name = `lockstep-task-${task.number}-${task.createdAt.slice(0, 10)}.jsonl`;
    return new Response(streamOf(lines), {
      headers: {
        "content-type": "application/jsonl; charset=utf-8",
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store, no-transform",
        "x-content-type-options": "nosniff",
      },
    });
  } catch (error) {
    return refuse(error);
  }
}

/** Nothing is read ahead; a client that leaves ends the reading. */
function streamOf(lines: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          let text = "";
          while (text.length < CHUNK_CHARACTERS) {
            const { value, done } = await lines.next();
            if (done) {
              if (text !== "") {
                controller.enqueue(encoder.encode(text));
              }
              controller.close();
              return;
            }
            text += value;
          }
          controller.enqueue(encoder.encode(text));
        } catch (error) {
          // The head has gone out: a stream that breaks off is all that can be said.
          log.error({ err: error }, "the log of a task broke off");
          controller.error(error);
        }
      },
      async cancel() {
        await lines.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
