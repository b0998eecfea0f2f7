import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { announceNotices } from "../db/notify.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";
import type { Outcome } from "../notices/deliver.ts";
import type { Verdict } from "../notices/verdict.ts";
import { addressHoldMs, noticeBackoffMs } from "./notice-backoff.ts";
import { type Claim, SINGLE_MESSAGES } from "./notice-claim.ts";

/** Writes what became of a message, and until when its address is left alone. One transaction. */
export async function recordOutcome(db: Database, claim: Claim, outcome: Outcome): Promise<void> {
  await db.transaction(async (tx) => {
    const [mine] = await tx
      .select({ id: noticeAddresses.id })
      .from(noticeAddresses)
      .where(and(eq(noticeAddresses.id, claim.address.id), eq(noticeAddresses.claim, claim.id)))
      .for("no key update");
    // What was taken was taken, whoever holds the address by now; anything else is his to say.
    if (mine || outcome.verdict.kind === "sent") {
      await recordDeliveries(tx, claim, outcome);
    }
    if (mine) {
      await recordAddress(tx, claim, outcome.verdict);
    }
    await announceNotices(tx);
  });
}

const inMs = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`;

async function recordDeliveries(tx: Tx, claim: Claim, outcome: Outcome): Promise<void> {
  const { verdict, httpStatus, answer, elapsedMs } = outcome;
  const ids = claim.deliveries.map(({ id }) => id);
  const attempt = {
    attempts: sql`${noticeDeliveries.attempts} + 1`,
    lastAttemptAt: sql`now()`,
    digestId: ids.length > 1 ? (ids[0] ?? null) : null,
    httpStatus,
    answer,
    elapsedMs,
  };
  const these = and(inArray(noticeDeliveries.id, ids), eq(noticeDeliveries.state, "waiting"));
  switch (verdict.kind) {
    case "sent":
      await tx
        .update(noticeDeliveries)
        .set({ ...attempt, state: "sent", reason: null, endedAt: sql`now()` })
        .where(these);
      return;
    case "later": {
      const attempts = Math.max(...claim.deliveries.map((delivery) => delivery.attempts)) + 1;
      const waits = verdict.reason === "rate-limited" && verdict.holdMs !== undefined;
      const ms = waits ? (verdict.holdMs ?? 0) : Math.max(noticeBackoffMs(attempts), verdict.holdMs ?? 0);
      await tx
        .update(noticeDeliveries)
        .set({
          ...attempt,
          reason: verdict.reason,
          // The last try comes just before it is given up.
          dueAt: sql`case when ${noticeDeliveries.expiresAt} - now() <= interval '61 seconds' then ${noticeDeliveries.expiresAt}
            else least(${inMs(ms)}, ${noticeDeliveries.expiresAt} - interval '1 minute') end`,
        })
        .where(these);
      return;
    }
    default: {
      const reason = verdict.kind === "gone" ? "gone" : verdict.reason;
      await tx
        .update(noticeDeliveries)
        .set({ ...attempt, state: "failed", reason, endedAt: sql`now()` })
        .where(these);
    }
  }
}

/** Whoever was served last is served last again: no backlog starves another address. */
const RELEASED = { claim: null, claimedUntil: sql`now()` } as const;

async function recordAddress(tx: Tx, { address }: Claim, verdict: Verdict): Promise<void> {
  const here = eq(noticeAddresses.id, address.id);
  switch (verdict.kind) {
    case "sent":
    case "refused":
      await tx
        .update(noticeAddresses)
        .set({ ...RELEASED, failures: 0, ...pacing(address.kind !== "generic") })
        .where(here);
      if (address.failures > 1) {
        await wakeDeliveries(tx, address.id);
      }
      return;
    case "later": {
      const failures = address.failures + 1;
      const holdMs = Math.max(addressHoldMs(failures), verdict.holdMs ?? 0);
      const heldReason = verdict.reason === "rate-limited" ? "rate-limited" : "failing";
      await tx
        .update(noticeAddresses)
        .set({ ...RELEASED, failures, heldUntil: inMs(holdMs), heldReason })
        .where(here);
      return;
    }
    case "gone":
      await tx
        .update(noticeAddresses)
        .set({
          ...RELEASED,
          enabled: false,
          disabledReason: "gone",
          failures: 0,
          heldUntil: null,
          heldReason: null,
        })
        .where(here);
      await dropWaiting(tx, address.id);
  }
}

/** Counts the message; after so many of a minute the rest of it is waited for, and told of together. */
function pacing(paced: boolean) {
  const { minuteStartedAt, minuteMessages } = noticeAddresses;
  if (!paced) {
    return { heldUntil: null, heldReason: null };
  }
  const same = sql`${minuteStartedAt} > now() - interval '1 minute'`;
  const full = sql`${same} and ${minuteMessages} + 1 >= ${SINGLE_MESSAGES}`;
  return {
    minuteStartedAt: sql`case when ${same} then ${minuteStartedAt} else now() end`,
    minuteMessages: sql`case when ${same} then ${minuteMessages} + 1 else 1 end`,
    heldUntil: sql`case when ${full} then ${minuteStartedAt} + interval '1 minute' end`,
    heldReason: sql`case when ${full} then 'pacing' end`,
  };
}

/** The address was away and answers again: what waits for it need not wait any longer. */
async function wakeDeliveries(tx: Tx, addressId: string): Promise<void> {
  await tx
    .update(noticeDeliveries)
    .set({ dueAt: sql`now()` })
    .where(and(eq(noticeDeliveries.addressId, addressId), eq(noticeDeliveries.state, "waiting")));
}

async function dropWaiting(tx: Tx, addressId: string): Promise<void> {
  await tx
    .update(noticeDeliveries)
    .set({ state: "dropped", endedAt: sql`now()` })
    .where(and(eq(noticeDeliveries.addressId, addressId), eq(noticeDeliveries.state, "waiting")));
}
