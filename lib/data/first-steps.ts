import "server-only";
import { sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { rules } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { FirstSteps } from "../schemas/overview.ts";

/** Before the first success root is led on; one step of an index says whether there was one. */
export async function getFirstSteps(actor: Actor): Promise<FirstSteps | null> {
  if (actor.user.role !== "root") {
    return null;
  }
  const { rows } = await database().execute<{
    succeeded: boolean;
    instances: number;
    rules: number;
    source: string | null;
    task: string | null;
  }>(sql`
    select exists (select 1 from ${tasks} where ${tasks.status} = 'succeeded') as succeeded,
           (select count(*)::int from (select 1 from ${instances} limit 2) as first_two) as instances,
           (select count(*)::int from (select 1 from ${rules} limit 1) as first_one) as rules,
           (select ${instances.id} from ${instances} order by ${instances.createdAt} limit 1) as source,
           (select ${tasks.id} from ${tasks} order by ${tasks.id} desc limit 1) as task`);
  const [row] = rows;
  return !row || row.succeeded
    ? null
    : { instances: row.instances, rules: row.rules, sourceId: row.source, taskId: row.task };
}
