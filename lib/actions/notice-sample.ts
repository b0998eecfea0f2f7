import "server-only";
import type { Actor } from "../auth/actor.ts";
import { config } from "../config.ts";
import { receiverOfNotice, recordNoticeTest } from "../data/notice-messages.ts";
import { deliver } from "../notices/deliver.ts";
import { poster } from "../registry/post.ts";
import type { NoticeTestResult } from "../schemas/notice.ts";
import type { SampleFacts } from "../schemas/notice-facts.ts";

/** Sends a sample to an address, once, whether it is on or off, and keeps what became of it among its deliveries. */
export async function sendSample(actor: Actor<"notice:test">, noticeId: string): Promise<NoticeTestResult> {
  const { id, receiver, locale, now } = await receiverOfNotice(actor, noticeId);
  const facts: SampleFacts = { kind: "sample", at: now.toISOString() };
  const { verdict, ...met } = await deliver(poster(config().egressAllow), receiver, {
    id,
    at: now,
    notices: [{ event: "test", facts }],
    wording: { locale, consoleUrl: config().publicUrl },
  });
  const reason = "reason" in verdict ? verdict.reason : verdict.kind === "gone" ? "gone" : null;
  const result = { sent: verdict.kind === "sent", reason, ...met };
  await recordNoticeTest(actor, { noticeId, id, facts }, result);
  return result;
}
