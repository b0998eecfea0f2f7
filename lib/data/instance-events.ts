import "server-only";
import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { eventAddresses, events } from "../db/schema/events.ts";
import { rules } from "../db/schema/rules.ts";
import type { EventRow, InstanceEvents } from "../schemas/event.ts";
import { heldAt, ruleVisible } from "./visibility.ts";

const LATEST = 10;

/** The event address of an instance, without its secrets, and what became of the latest events. */
export async function instanceEvents(
  actor: Actor<"instance:view">,
  instanceId: string,
): Promise<InstanceEvents> {
  const [[address], rows] = await Promise.all([
    database()
      .select({
        dialect: eventAddresses.dialect,
        tokenHint: eventAddresses.tokenHint,
        setAt: eventAddresses.setAt,
        previousUntil: sql<Date | null>`case when ${eventAddresses.previousUntil} > now() then ${eventAddresses.previousUntil} end`,
      })
      .from(eventAddresses)
      .where(and(eq(eventAddresses.instanceId, instanceId), heldAt(eventAddresses.instanceId, actor.holds))),
    database()
      .select()
      .from(events)
      .where(and(eq(events.instanceId, instanceId), heldAt(events.instanceId, actor.holds)))
      .orderBy(desc(events.id))
      .limit(LATEST),
  ]);
  const names = await ruleNames(actor, [
    ...new Set(rows.flatMap((row) => row.started.map(({ ruleId }) => ruleId))),
  ]);
  return {
    address: address
      ? {
          ...address,
          setAt: address.setAt.toISOString(),
          previousUntil: address.previousUntil ? new Date(address.previousUntil).toISOString() : null,
        }
      : null,
    latest: rows.map((row) => eventRow(row, names)),
  };
}

async function ruleNames(actor: Actor, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: rules.id, name: rules.name })
    .from(rules)
    .where(and(inArray(rules.id, [...ids]), ruleVisible(actor)));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function eventRow(row: typeof events.$inferSelect, names: ReadonlyMap<string, string>): EventRow {
  const { id, receivedAt, state, reason, action, repository, tag, digest, ip, started } = row;
  return {
    id,
    at: receivedAt.toISOString(),
    state,
    reason,
    action,
    repository,
    tag,
    digest,
    ip,
    started: started.flatMap(({ ruleId, taskId }) => {
      const ruleName = names.get(ruleId);
      return ruleName === undefined ? [] : [{ ruleId, ruleName, taskId }];
    }),
  };
}
