import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";

/** A manifest that a digest tag belongs to. */
export interface EventSubject {
  repository: string;
  digest: string;
}

/** Tags of one rule that one signature may concern; the other images come with the next comparison. */
const MOST_TAGS = 100;

const keyOf = ({ repository, digest }: EventSubject): string => `${repository}@${digest}`;

/**
 * Which tags name these manifests, as far as rules that start at the instance have copied them, or are about to: an event tells
 * of a signature, and tasks look at tags. Only of rules that bring signatures along.
 * @returns for each subject the tags of each rule
 */
export async function tagsOfSubjects(
  tx: Tx,
  instanceId: string,
  subjects: readonly EventSubject[],
): Promise<(subject: EventSubject) => ReadonlyMap<string, string[]>> {
  if (subjects.length === 0) {
    return () => new Map();
  }
  const { rows } = await tx.execute<{
    repository: string;
    digest: string;
    rule_id: string;
    tags: string[];
  }>(sql`
    select w.repository, w.digest, k.rule_id, (array_agg(distinct t.tag order by t.tag))[1:${MOST_TAGS}] as tags
    from jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) as w (repository text, digest text)
    join transfers t on t.digest = w.digest and t.repository = w.repository
      and t.status in ('pending', 'running', 'copied', 'up-to-date')
    join tasks k on k.id = t.task_id and k.source_instance_id = ${instanceId}
    join rules r on r.id = k.rule_id and r.referrers
    group by w.repository, w.digest, k.rule_id`);
  const bySubject = Map.groupBy(rows, keyOf);
  return (subject) => new Map((bySubject.get(keyOf(subject)) ?? []).map((row) => [row.rule_id, row.tags]));
}
