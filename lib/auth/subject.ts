import "server-only";
import { eq, inArray } from "drizzle-orm";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules, ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";

/** What a permission is asked for. Ids come from a URL or a form: nothing is known of them. */
export interface Subject {
  instanceId?: string | undefined;
  ruleId?: string | undefined;
  taskId?: string | undefined;
  transferId?: string | undefined;
  /** Instances that a rule is to be pointed at: receive is asked for at each. */
  targetInstanceIds?: readonly string[] | undefined;
}

export interface Place {
  id: string;
  name: string;
}

/** The instances that a subject touches. */
export interface Ends {
  source: Place;
  targets: readonly Place[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text from a URL can name an instance at all. */
export function isInstanceId(text: string): boolean {
  return UUID.test(text);
}

/** Ends of the rule, task or transfer that the subject names, or null when it does not exist. */
export async function endsOf(subject: Subject): Promise<Ends | null> {
  const ruleId = await ruleIdOf(subject);
  if (!ruleId) {
    return null;
  }
  const [source] = await database()
    .select({ id: instances.id, name: instances.name })
    .from(rules)
    .innerJoin(instances, eq(instances.id, rules.sourceInstanceId))
    .where(eq(rules.id, ruleId));
  return source ? { source, targets: await targetsOf(ruleId) } : null;
}

function targetsOf(ruleId: string): Promise<Place[]> {
  return database()
    .selectDistinct({ id: instances.id, name: instances.name })
    .from(ruleTargets)
    .innerJoin(instances, eq(instances.id, ruleTargets.instanceId))
    .where(eq(ruleTargets.ruleId, ruleId));
}

/** The instances of these ids that exist. */
export async function placesOf(ids: readonly string[]): Promise<Map<string, Place>> {
  const known = ids.filter((id) => UUID.test(id));
  if (known.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(inArray(instances.id, known));
  return new Map(rows.map((row) => [row.id, row]));
}

async function ruleIdOf({ ruleId, taskId, transferId }: Subject): Promise<string | null> {
  const id = ruleId ?? taskId ?? transferId;
  if (!id || !UUID.test(id)) {
    return null;
  }
  if (ruleId) {
    return ruleId;
  }
  if (taskId) {
    const [task] = await database().select({ ruleId: tasks.ruleId }).from(tasks).where(eq(tasks.id, taskId));
    return task?.ruleId ?? null;
  }
  const [transfer] = await database()
    .select({ ruleId: tasks.ruleId })
    .from(transfers)
    .innerJoin(tasks, eq(tasks.id, transfers.taskId))
    .where(eq(transfers.id, id));
  return transfer?.ruleId ?? null;
}
