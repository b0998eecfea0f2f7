import "server-only";
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { events } from "../db/schema/events.ts";
import type { DialectName } from "../schemas/words.ts";
import { holds, notFound } from "./visibility.ts";
import { wakeInboxSoon } from "./wake-inbox.ts";

/** An event as it is written down. */
export interface ToldEvent {
  id: string;
  action: "push" | "delete";
  repository: string;
  tag: string | null;
  digest: string | null;
}

/**
 * Writes events into the inbox of an instance and wakes a worker; what was told before is not told again.
 * @returns how many are new
 */
export async function receiveEvents(
  actor: Actor<"event:receive">,
  { instanceId, dialect, told }: { instanceId: string; dialect: DialectName; told: readonly ToldEvent[] },
): Promise<number> {
  if (!holds(actor.holds, instanceId)) {
    throw notFound();
  }
  if (told.length === 0) {
    return 0;
  }
  const rows = told.map(({ id, ...event }) => ({
    id: uuidv7(),
    instanceId,
    dialect,
    eventId: id,
    ...event,
  }));
  // One statement is a transaction of its own: nothing else stands between the sender and its answer.
  const fresh = await database()
    .insert(events)
    .values(rows)
    .onConflictDoNothing()
    .returning({ id: events.id });
  if (fresh.length > 0) {
    wakeInboxSoon();
  }
  return fresh.length;
}

/** The token was right, but what came was nothing that this sender sends: one row a minute says so. */
export async function noteUnreadable(
  actor: Actor<"event:receive">,
  { instanceId, dialect }: { instanceId: string; dialect: DialectName },
): Promise<void> {
  if (!holds(actor.holds, instanceId)) {
    throw notFound();
  }
  const noted = await database()
    .insert(events)
    .values({
      id: uuidv7(),
      instanceId,
      dialect,
      eventId: sql`'unreadable ' || to_char(date_trunc('minute', now() at time zone 'utc'), 'YYYY-MM-DD"T"HH24:MI')`,
      ip: actor.request.ip,
      state: "refused",
      reason: "unreadable",
      processedAt: sql`now()`,
    })
    .onConflictDoNothing()
    .returning({ id: events.id });
  if (noted.length > 0) {
    await notifyLive(database(), { kind: "instance", instanceId, same: true });
  }
}
