import "server-only";
import { and, eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { announceNotices } from "../db/notify.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";
import { AppError } from "../errors.ts";
import type { Receiver } from "../notices/message.ts";
import { wakeOutbox } from "../queue/boss.ts";
import type { NoticeTestResult } from "../schemas/notice.ts";
import type { SampleFacts } from "../schemas/notice-facts.ts";
import type { Locale } from "../schemas/words.ts";
import { recordAudit } from "./audit.ts";
import { lockAddress, opened } from "./notice-address.ts";
import { notFound, requireId } from "./visibility.ts";

/** Once more, under the same webhook-id, and for another day. @throws {AppError} NOT_FOUND; CONFLICT notice-off */
export function resendNotice(actor: Actor<"notice:resend">, deliveryId: string): Promise<void> {
  return database().transaction(async (tx) => {
    const [row] = await tx
      .select({ delivery: noticeDeliveries, address: noticeAddresses })
      .from(noticeDeliveries)
      .innerJoin(noticeAddresses, eq(noticeAddresses.id, noticeDeliveries.addressId))
      .where(
        and(eq(noticeDeliveries.id, requireId(deliveryId)), actor.holds === "all" ? undefined : sql`false`),
      )
      .for("no key update");
    if (!row) {
      throw notFound();
    }
    if (!row.address.enabled) {
      throw new AppError("CONFLICT", "notice-off", { values: { name: row.address.name } });
    }
    await tx
      .update(noticeDeliveries)
      .set({
        state: "waiting",
        dueAt: sql`now()`,
        expiresAt: sql`now() + interval '24 hours'`,
        endedAt: null,
        digestId: null,
      })
      .where(eq(noticeDeliveries.id, row.delivery.id));
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id: row.address.id, name: row.address.name },
      changes: { delivery: { after: row.delivery.id } },
    });
    await wakeOutbox(tx);
  });
}

/** What it takes to send a sample. @throws {AppError} NOT_FOUND; CONFLICT notice-secret-unreadable */
export async function receiverOfNotice(
  actor: Actor<"notice:test">,
  noticeId: string,
): Promise<{ id: string; receiver: Receiver; locale: Locale; now: Date }> {
  return database().transaction(async (tx) => {
    const address = await lockAddress(tx, actor, noticeId);
    const { rows } = await tx.execute<{ now: Date }>(sql`select now() as now`);
    const now = new Date(rows[0]?.now ?? Date.now());
    return { id: uuidv7(), receiver: opened(address, now), locale: address.locale, now };
  });
}

/** Keeps what became of a sample among the deliveries. */
export function recordNoticeTest(
  actor: Actor<"notice:test">,
  { noticeId, id, facts }: { noticeId: string; id: string; facts: SampleFacts },
  { sent, ...met }: NoticeTestResult,
): Promise<void> {
  return database().transaction(async (tx) => {
    const address = await lockAddress(tx, actor, noticeId);
    await tx.insert(noticeDeliveries).values({
      id,
      addressId: address.id,
      event: "test",
      subject: `test:${id}`,
      facts,
      state: sent ? "sent" : "failed",
      attempts: 1,
      lastAttemptAt: sql`now()`,
      endedAt: sql`now()`,
      ...met,
    });
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id: address.id, name: address.name },
      changes: { result: { after: sent ? "ok" : met.reason } },
    });
  });
}
