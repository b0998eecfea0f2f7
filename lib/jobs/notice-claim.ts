import { randomUUID } from "node:crypto";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { announceNotices } from "../db/notify.ts";
import { noticeAddresses, noticeDeliveries } from "../db/schema/notices.ts";

/** Longer than a message may take (lib/registry/post.ts), reading and writing of rows included. */
const CLAIM_S = 45;
/** A worker that was away for so long since its claim no longer sends: another may be about to. */
const STALE_MS = 20_000;
/** Up to so many messages a minute are told one by one to people; then they hear of the rest of the minute at once. */
export const SINGLE_MESSAGES = 5;
/** Told at once at most. */
const DIGEST_MOST = 200;

/** Messages that are due; some of an address that is held, or in the hands of another worker. */
export const DUE_NOTICES = sql`
  select from notice_deliveries where state = 'waiting' and due_at <= now() and expires_at > now()`;

export type ClaimedAddress = typeof noticeAddresses.$inferSelect;
export type ClaimedDelivery = typeof noticeDeliveries.$inferSelect;

export interface Claim {
  id: string;
  address: ClaimedAddress;
  /** What one message tells of: one, or a digest. */
  deliveries: ClaimedDelivery[];
  /** By the database's clock. */
  now: Date;
  /** True once it may have passed to another worker. */
  stale(): boolean;
}

/**
 * Takes an address for which something is due, and what is to be told to it: nobody else sends there meanwhile, so that one
 * that hangs holds up itself alone.
 * @returns null when nothing is due
 */
export async function claimNotices(db: Database): Promise<Claim | null> {
  const id = randomUUID();
  const claimedMs = performance.now();
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string; now: Date }>(sql`
      with due as (
        select a.id from notice_addresses a
        where a.enabled and coalesce(a.held_until <= now(), true) and coalesce(a.claimed_until <= now(), true)
          and exists (
            select from notice_deliveries d
            where d.address_id = a.id and d.state = 'waiting' and d.due_at <= now() and d.expires_at > now()
          )
        order by a.claimed_until nulls first limit 1
        for no key update skip locked
      )
      update notice_addresses a set claim = ${id}, claimed_until = now() + make_interval(secs => ${CLAIM_S})
      from due where a.id = due.id
      returning a.id, now() as now`);
    const [claimed] = rows;
    const [address] = claimed
      ? await tx.select().from(noticeAddresses).where(eq(noticeAddresses.id, claimed.id))
      : [];
    if (!claimed || !address) {
      return null;
    }
    const due = await tx
      .select()
      .from(noticeDeliveries)
      .where(
        and(
          eq(noticeDeliveries.addressId, address.id),
          eq(noticeDeliveries.state, "waiting"),
          sql`${noticeDeliveries.dueAt} <= now()`,
          sql`${noticeDeliveries.expiresAt} > now()`,
        ),
      )
      .orderBy(noticeDeliveries.dueAt, noticeDeliveries.id)
      .limit(DIGEST_MOST);
    // A machine takes one notice a message; people want to read as little as tells them.
    const together = address.kind !== "generic" && due.length > SINGLE_MESSAGES;
    return {
      id,
      address,
      deliveries: together ? due : due.slice(0, 1),
      now: new Date(claimed.now),
      stale: () => performance.now() - claimedMs > STALE_MS,
    };
  });
}

/** Gives an address back with nothing done. */
export async function releaseClaim(db: Database, { id, address }: Claim): Promise<void> {
  await db
    .update(noticeAddresses)
    .set({ claim: null, claimedUntil: sql`now()` })
    .where(and(eq(noticeAddresses.id, address.id), eq(noticeAddresses.claim, id)));
}

/** What nobody took within a day is given up; its row says why it was not taken. @returns how many */
export function expireNotices(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx
      .update(noticeDeliveries)
      .set({
        state: "failed",
        endedAt: sql`now()`,
        reason: sql`coalesce(${noticeDeliveries.reason}, 'expired')`,
      })
      .where(and(eq(noticeDeliveries.state, "waiting"), sql`${noticeDeliveries.expiresAt} <= now()`));
    if (rowCount) {
      await announceNotices(tx);
    }
    return rowCount ?? 0;
  });
}

/** What they tell of is gone. */
export function dropDeliveries(db: Database, ids: readonly string[]): Promise<void> {
  return db.transaction(async (tx) => {
    await tx
      .update(noticeDeliveries)
      .set({ state: "dropped", reason: "subject-gone", endedAt: sql`now()` })
      .where(and(inArray(noticeDeliveries.id, [...ids]), eq(noticeDeliveries.state, "waiting")));
    await announceNotices(tx);
  });
}
