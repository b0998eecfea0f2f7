import "server-only";
import { eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { eventAddresses } from "../db/schema/events.ts";
import { hashToken, makeToken } from "../events/sender-proof.ts";
import type { SetEventAddressInput } from "../schemas/event.ts";
import { SENDER_PROOFS } from "../schemas/words.ts";
import { seal, secretPlace } from "../secrets.ts";
import { recordAudit } from "./audit.ts";
import { lockInstance } from "./instance-row.ts";

/** The token before stays good so long: time to enter the new one everywhere. */
const OVERLAP_HOURS = 24;
const HINT_CHARS = 4;

/**
 * Gives an instance an event address, or its address a new token; the one before counts for a day, unless it is to end.
 * Not through `once`: what was answered is a secret, and is kept nowhere. Whoever did not hear the answer asks again, and
 * the token that nobody saw does not take the place of the one in use.
 * @returns the token, this once
 */
export function setEventAddress(
  actor: Actor<"instance:edit">,
  { instanceId, dialect, endPrevious }: SetEventAddressInput,
): Promise<{ token: string }> {
  const token = makeToken();
  return database().transaction(async (tx) => {
    const instance = await lockInstance(tx, actor, instanceId);
    const [before] = await tx.select().from(eventAddresses).where(eq(eventAddresses.instanceId, instance.id));
    const signs = SENDER_PROOFS[dialect] === "signature";
    const current = {
      dialect,
      tokenHash: hashToken(token),
      tokenSealed: signs ? seal(token, secretPlace("event_addresses", instance.id, "token")) : null,
      tokenHint: token.slice(-HINT_CHARS),
    };
    // Who still sends with the token before sends as it did: of another sender nothing could be read.
    const keeps = before?.dialect === dialect && !endPrevious;
    await tx
      .insert(eventAddresses)
      .values({ instanceId: instance.id, ...current })
      .onConflictDoUpdate({
        target: eventAddresses.instanceId,
        set: { ...current, ...(keeps ? KEPT : ENDED), setAt: sql`now()` },
      });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: instance.id, name: instance.name },
      changes: {
        eventSender: { before: before?.dialect ?? null, after: dialect },
        eventToken: { before: before ? "set" : null, after: "set" },
        ...(before ? { previousEnds: { after: keeps ? `${OVERLAP_HOURS} h` : "at once" } } : {}),
      },
    });
    await notifyLive(tx, { kind: "instance", instanceId: instance.id, same: true });
    return { token };
  });
}

const ENDED = { previousHash: null, previousSealed: null, previousUntil: null };

/** Asked again within a minute: the token of a moment ago goes, the one before it stays. */
const hasty = sql`${eventAddresses.setAt} > now() - interval '1 minute' and ${eventAddresses.previousHash} is not null`;
const KEPT = {
  previousHash: sql`case when ${hasty} then ${eventAddresses.previousHash} else ${eventAddresses.tokenHash} end`,
  previousSealed: sql`case when ${hasty} then ${eventAddresses.previousSealed} else ${eventAddresses.tokenSealed} end`,
  previousUntil: sql`now() + make_interval(hours => ${OVERLAP_HOURS})`,
};
