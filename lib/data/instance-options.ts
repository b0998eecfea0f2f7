import "server-only";
import { and, asc, eq, ilike, or, type SQL } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import type { InstanceOption } from "../schemas/instance.ts";
import type { InstanceName } from "../schemas/task.ts";
import { INSTANCE_CHOICES } from "../schemas/words.ts";
import { containing } from "./cursor.ts";
import { grantsAt, heldAt, holds, instanceVisible, isId } from "./visibility.ts";

/** What names all instances at once, as the matrix of grants does, names at most this many. */
const OPTION_LIMIT = 500;
/** Instances on which the actor holds anything; of those without view only the name. */
export function listInstanceOptions(actor: Actor): Promise<InstanceOption[]> {
  return firstInstances(actor, OPTION_LIMIT);
}

/** The first 50 of them by name whose name, address or region holds `q`. */
export function searchInstanceOptions(actor: Actor, q: string): Promise<InstanceOption[]> {
  return optionsOf(actor, and(instanceVisible(actor), instanceMatching(actor, q)), INSTANCE_CHOICES);
}

/** The first of all by name, for who asks whether there is one, or more than one. */
export function firstInstances(actor: Actor, limit: number): Promise<InstanceOption[]> {
  return optionsOf(actor, instanceVisible(actor), limit);
}

/** @returns null where the actor holds nothing, and for what is no id */
export async function findInstanceOption(actor: Actor, instanceId: string): Promise<InstanceOption | null> {
  const where = isId(instanceId) ? and(eq(instances.id, instanceId), instanceVisible(actor)) : null;
  return where ? ((await optionsOf(actor, where, 1))[0] ?? null) : null;
}

/** The instance that a filter names, as far as the actor sees it: its name alone. */
export async function findInstanceName(
  actor: Actor,
  instanceId: string | undefined,
): Promise<InstanceName | null> {
  const found = instanceId === undefined ? null : await findInstanceOption(actor, instanceId);
  return found && { id: found.id, name: found.name };
}

/** By name; by address and region only where they are shown. */
export function instanceMatching(actor: Actor, q: string): SQL | undefined {
  const term = containing(q);
  return or(
    ilike(instances.name, term),
    and(heldAt(instances.id, actor.view), or(ilike(instances.address, term), ilike(instances.region, term))),
  );
}

async function optionsOf(actor: Actor, where: SQL | undefined, limit: number): Promise<InstanceOption[]> {
  const rows = await database()
    .select({
      id: instances.id,
      name: instances.name,
      address: instances.address,
      plainHttp: instances.plainHttp,
      region: instances.region,
      health: instances.healthStatus,
    })
    .from(instances)
    .where(where)
    .orderBy(asc(instances.name))
    .limit(limit);
  return rows.map((row) => {
    const viewed = holds(actor.view, row.id);
    return {
      id: row.id,
      name: row.name,
      host: viewed ? new URL(row.address).host : "",
      plainHttp: viewed && row.plainHttp,
      region: viewed ? row.region : "",
      health: viewed ? row.health : "unknown",
      grants: grantsAt(actor, row.id),
    };
  });
}
