import "server-only";
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { gathered } from "../db/gathered.ts";
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
  const fresh = await write({ instanceId, dialect, told });
  if (fresh > 0) {
    wakeInboxSoon();
  }
  return fresh;
}

interface Delivery {
  instanceId: string;
  dialect: DialectName;
  told: readonly ToldEvent[];
}

/**
 * What several requests bring at once is written together: a commit, and all that surrounds it, costs the same for one row and for
 * many. One statement is a transaction of its own: nothing else stands between the senders and their answers.
 * @returns how many of each were new
 */
const write = gathered(async (deliveries: Delivery[]): Promise<number[]> => {
  const rows = deliveries.flatMap(({ instanceId, dialect, told }, delivery) =>
    told.map((event) => ({ ...event, id: uuidv7(), instanceId, dialect, eventId: event.id, delivery })),
  );
  // Of an instance that was deleted in this moment nothing is written, and what others told of is not held up by it.
  const { rows: written } = await database().execute<{ id: string }>(sql`
    insert into events (id, instance_id, dialect, event_id, action, repository, tag, digest)
    select t.id, i.id, t.dialect, t."eventId", t.action, t.repository, t.tag, t.digest
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (
      id uuid, "instanceId" uuid, dialect text, "eventId" text, action text, repository text, tag text, digest text)
    join instances i on i.id = t."instanceId"
    on conflict do nothing
    returning id`);
  const fresh = new Set(written.map(({ id }) => id));
  const counts = deliveries.map(() => 0);
  for (const { id, delivery } of rows) {
    counts[delivery] = (counts[delivery] ?? 0) + (fresh.has(id) ? 1 : 0);
  }
  return counts;
});

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
