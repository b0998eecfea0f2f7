import "server-only";
import { inArray, type SQL, sql } from "drizzle-orm";
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

/** Ends of the rule, task or transfer that the subject names, or null when it does not exist: one statement, each request asks. */
export async function endsOf(subject: Subject): Promise<Ends | null> {
  const ruleId = ruleIdOf(subject);
  if (!ruleId) {
    return null;
  }
  const { rows } = await database().execute<{ id: string; name: string; source: boolean }>(sql`
    with rule as (select ${rules.id}, ${rules.sourceInstanceId} from ${rules} where ${rules.id} = ${ruleId})
    select i.id, i.name, true as source from rule join ${instances} i on i.id = rule.source_instance_id
    union all
    select i.id, i.name, false from ${instances} i
     where i.id in (select t.instance_id from ${ruleTargets} t join rule on rule.id = t.rule_id)`);
  const places = rows.map(({ id, name }) => ({ id, name }));
  const at = rows.findIndex(({ source }) => source);
  const [source] = places.splice(at, at === -1 ? 0 : 1);
  return source ? { source, targets: places } : null;
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

function ruleIdOf({ ruleId, taskId, transferId }: Subject): SQL | null {
  const id = ruleId ?? taskId ?? transferId;
  if (!id || !UUID.test(id)) {
    return null;
  }
  if (ruleId) {
    return sql`${ruleId}::uuid`;
  }
  return taskId
    ? sql`(select ${tasks.ruleId} from ${tasks} where ${tasks.id} = ${taskId})`
    : sql`(select ${tasks.ruleId} from ${transfers} join ${tasks} on ${tasks.id} = ${transfers.taskId} where ${transfers.id} = ${id})`;
}
