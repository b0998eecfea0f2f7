import "server-only";
import { type AnyColumn, or, type SQL, sql } from "drizzle-orm";
import type { Actor, Held } from "../auth/actor.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { AppError } from "../errors.ts";
import type { InstanceGrants } from "../schemas/instance.ts";
import { among } from "./among.ts";

/** The column names an instance where the grant holds. */
export function heldAt(column: AnyColumn, held: Held): SQL {
  if (held === "all") {
    return sql`true`;
  }
  return held.length === 0 ? sql`false` : among(column, held);
}

export function holds(held: Held, instanceId: string): boolean {
  return held === "all" || held.includes(instanceId);
}

/** Whether the actor holds anything at all on this instance: then its name may be shown in lists. */
export function holdsAny(actor: Actor, instanceId: string): boolean {
  return holds(actor.view, instanceId) || holds(actor.receive, instanceId);
}

/** What the actor holds on one instance, as rows tell it. */
export function grantsAt(actor: Actor, instanceId: string): InstanceGrants {
  const level = holds(actor.manage, instanceId)
    ? "manage"
    : holds(actor.operate, instanceId)
      ? "operate"
      : holds(actor.view, instanceId)
        ? "view"
        : null;
  return { level, receive: holds(actor.receive, instanceId) };
}

/** An instance is seen by whoever holds anything on it. */
export function instanceVisible(actor: Actor): SQL {
  return or(heldAt(instances.id, actor.view), heldAt(instances.id, actor.receive)) ?? sql`false`;
}

/** A rule is seen by holders of view on its source or on a target. */
export function ruleVisible(actor: Actor): SQL {
  return endsVisible(actor, { source: rules.sourceInstanceId, ruleId: rules.id });
}

/** … and so are its tasks. */
export function taskVisible(actor: Actor): SQL {
  return endsVisible(actor, { source: tasks.sourceInstanceId, ruleId: tasks.ruleId });
}

function endsVisible(actor: Actor, { source, ruleId }: { source: AnyColumn; ruleId: AnyColumn }): SQL {
  const pointsAtHeld = sql`${ruleId} in (
    select ${ruleTargets.ruleId} from ${ruleTargets} where ${heldAt(ruleTargets.instanceId, actor.view)})`;
  return actor.view === "all" ? sql`true` : (or(heldAt(source, actor.view), pointsAtHeld) ?? sql`false`);
}

/** What does not exist and what is not visible answer alike. */
export function notFound(): AppError {
  return new AppError("NOT_FOUND", "not-found");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isId(id: string): boolean {
  return UUID.test(id);
}

/** Ids come from URLs: what is no UUID is not there, and Postgres is not asked to parse it. */
export function requireId(id: string): string {
  if (!isId(id)) {
    throw notFound();
  }
  return id;
}
