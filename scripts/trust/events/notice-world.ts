import { randomBytes } from "node:crypto";
import { database } from "../../../lib/db/client.ts";
import type { noticeAddresses } from "../../../lib/db/schema/notices.ts";
import { settleTask } from "../../../lib/queue/settle-task.ts";
import { sealedBox } from "../../../lib/secrets.ts";
import { insertInstance, insertTask, insertTransfer } from "../../../lib/testing/console-rows.ts";
import { insertNoticeAddress } from "../../../lib/testing/notice-rows.ts";
import { type WebhookReceiver, webhookReceiver } from "../../../lib/testing/webhook-receiver.ts";
import { startWorkerProcess, type WorkerProcess } from "../../../lib/testing/worker-process.ts";
import type { Trust } from "../trust-case.ts";

const KEY = "5e".repeat(32);
/** That every address signs with. */
export const SECRET = `whsec_${randomBytes(32).toString("base64")}`;

/** A database with two instances; what is opened in it ends with the case. */
export interface NoticeWorld {
  trust: Trust;
  source: string;
  target: string;
  receiver(): Promise<WebhookReceiver>;
  address(receiver: WebhookReceiver, fields?: Partial<typeof noticeAddresses.$inferInsert>): Promise<string>;
  worker(): Promise<WorkerProcess>;
}

/** Opens one on a database of its own. */
export async function openNoticeWorld(trust: Trust): Promise<NoticeWorld> {
  const url = await trust.database();
  const box = sealedBox(Buffer.from(KEY, "hex"));
  return {
    trust,
    source: await insertInstance(database()),
    target: await insertInstance(database()),
    async receiver() {
      const opened = await webhookReceiver();
      trust.cleanup(opened.stop);
      return opened;
    },
    address: (receiver, fields) =>
      insertNoticeAddress(database(), { url: receiver.url, secret: SECRET, seal: box.seal }, fields),
    async worker() {
      const worker = await startWorkerProcess({
        DATABASE_URL: url,
        SECRET_KEY: KEY,
        EGRESS_ALLOW: "127.0.0.0/8",
      });
      trust.cleanup(worker.end);
      return worker;
    },
  };
}

/** A task that ends, in the transaction in which all tasks end. */
export async function endTask(
  { source, target }: NoticeWorld,
  ruleId: string,
  failed: number,
): Promise<string> {
  const taskId = await insertTask(
    database(),
    { ruleId, source },
    {
      status: "running",
      scanEndedAt: new Date(),
      transfersTotal: failed + 1,
      transfersCopied: 1,
      transfersFailed: failed,
    },
  );
  for (let n = 0; n < failed; n += 1) {
    await insertTransfer(database(), { taskId, target }, { status: "failed", reason: "DENIED" });
  }
  await database().transaction((tx) => settleTask(tx, taskId));
  return taskId;
}
