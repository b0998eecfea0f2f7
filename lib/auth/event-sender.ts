import "server-only";
import { eq, inArray, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { database } from "../db/client.ts";
import { gathered } from "../db/gathered.ts";
import { notifyLive } from "../db/notify.ts";
import { eventAddresses, events } from "../db/schema/events.ts";
import { instances } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import { type OfferedProof, provesSender, type StoredToken } from "../events/sender-proof.ts";
import { log } from "../log.ts";
import { type DialectName, SENDER_PROOFS } from "../schemas/words.ts";
import { open, secretPlace } from "../secrets.ts";
import type { Actor } from "./actor.ts";
import { senderActor } from "./authorize.ts";
import { currentRequest } from "./request.ts";
import { isInstanceId } from "./subject.ts";

/** What nobody can know, for instances that are not there or hear of nothing: the answer is to take as long. */
const NOBODY: StoredToken = { hash: "", secret: null };

const NO_BODY = new Uint8Array();

/** What a request offers, its body unread: of a stranger nothing is read that its proof does not ask for. */
export interface UnreadProof extends Omit<OfferedProof, "body"> {
  /** null: longer than is taken. */
  body(): Promise<Uint8Array | null>;
}

export interface EventSender {
  actor: Actor<"event:receive">;
  /** As it is stored; a path may spell it otherwise. */
  instanceId: string;
  dialect: DialectName;
}

/**
 * Who sends events of an instance: nobody who signs in, but whoever knows its token. The principal holds that instance only,
 * and may put events into its inbox.
 * @throws {AppError} UNAUTHENTICATED for an instance that does not exist, one without an event address, and a wrong token alike
 */
export async function authenticateSender(instanceId: string, unread: UnreadProof): Promise<EventSender> {
  const address = isInstanceId(instanceId) ? await addressOf(instanceId) : null;
  const dialect = address?.dialect ?? "generic";
  const signs = SENDER_PROOFS[dialect] === "signature";
  const offered = { ...unread, body: (signs ? await unread.body() : null) ?? NO_BODY };
  if (!provesSender(dialect, offered, address ? tokensOf(address) : [NOBODY]) || !address) {
    if (address && !notedLately(address.instanceId)) {
      // Not waited for: the answer must not take longer where there is something to guess at.
      void noteRefusal(address).catch((error: unknown) =>
        log.warn({ err: error }, "a refusal was not noted"),
      );
    }
    throw new AppError("UNAUTHENTICATED", "unauthenticated");
  }
  const actor = await senderActor({ id: address.instanceId, name: address.name });
  return { actor, instanceId: address.instanceId, dialect };
}

/** A row a minute is written at most, so who guesses in a flood need not have a statement run for each guess. */
const NOTED_FOR_MS = 10_000;
const notedAtMs = new Map<string, number>();

function notedLately(instanceId: string): boolean {
  const nowMs = performance.now();
  const noted = nowMs - (notedAtMs.get(instanceId) ?? Number.NEGATIVE_INFINITY) < NOTED_FOR_MS;
  if (!noted) {
    notedAtMs.set(instanceId, nowMs);
  }
  return noted;
}

type Address = NonNullable<Awaited<ReturnType<typeof addressOf>>>;

/** In a flood one statement finds the addresses of all that came meanwhile; each is looked up after its request has come. */
const addressOf = gathered(async (instanceIds: string[]) => {
  const rows = await addressesOf([...new Set(instanceIds)]);
  const byId = new Map(rows.map((row) => [row.instanceId, row]));
  return instanceIds.map((id) => byId.get(id.toLowerCase()) ?? null);
});

function addressesOf(instanceIds: string[]) {
  return database()
    .select({
      instanceId: eventAddresses.instanceId,
      name: instances.name,
      dialect: eventAddresses.dialect,
      tokenHash: eventAddresses.tokenHash,
      tokenSealed: eventAddresses.tokenSealed,
      previousHash: eventAddresses.previousHash,
      previousSealed: eventAddresses.previousSealed,
      previousCounts: sql<boolean>`coalesce(${eventAddresses.previousUntil} > now(), false)`,
    })
    .from(eventAddresses)
    .innerJoin(instances, eq(instances.id, eventAddresses.instanceId))
    .where(inArray(eventAddresses.instanceId, instanceIds));
}

function tokensOf(address: Address): StoredToken[] {
  const place = secretPlace("event_addresses", address.instanceId, "token");
  const token = (hash: string, sealed: string | null) => ({
    hash,
    secret: sealed === null ? null : open(sealed, place),
  });
  const current = token(address.tokenHash, address.tokenSealed);
  return address.previousHash !== null && address.previousCounts
    ? [current, token(address.previousHash, address.previousSealed)]
    : [current];
}

/** Whoever set it up should see that a token is wrong; whoever guesses must not fill a table: one row a minute. */
async function noteRefusal({ instanceId, dialect }: Address): Promise<void> {
  const { ip } = await currentRequest();
  const noted = await database()
    .insert(events)
    .values({
      id: uuidv7(),
      instanceId,
      dialect,
      eventId: sql`'refused ' || to_char(date_trunc('minute', now() at time zone 'utc'), 'YYYY-MM-DD"T"HH24:MI')`,
      ip,
      state: "refused",
      reason: "token",
      processedAt: sql`now()`,
    })
    .onConflictDoNothing()
    .returning({ id: events.id });
  if (noted.length > 0) {
    await notifyLive(database(), { kind: "instance", instanceId, same: true });
  }
}
