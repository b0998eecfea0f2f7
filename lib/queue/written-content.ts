import { type SQL, sql } from "drizzle-orm";

/** What is written at the end of a transfer `t`: what its tag names at the target. */
export const WRITTEN_DIGEST = sql`coalesce(t.target_digest, t.digest)`;

/**
 * Transfers that wrote this digest, each way by its own index: as it is at the source, or as one image of an index, which the source
 * knows by another digest. @param which a condition on `t`, which names the statuses and the instance of the target
 */
export function writtenAs(digest: SQL, which: SQL): SQL {
  return sql`
    select t.* from transfers t where t.digest = ${digest} and t.target_digest is null and ${which}
    union all
    select t.* from transfers t where t.target_digest = ${digest} and ${which}`;
}

/** A tag of a repository of an instance. */
export interface TagPlace {
  instanceId: string;
  repository: string;
  tag: string;
}

/** Whether a transfer, under this alias, goes to that tag; by an index, whatever it wrote. */
export function goesTo(alias: SQL, { instanceId, repository, tag }: TagPlace): SQL {
  return sql`hashtextextended(${alias}.target_repository || ':' || ${alias}.tag, 0)
      = hashtextextended(${`${repository}:${tag}`}::text, 0)
    and ${alias}.status in ('copied', 'up-to-date') and ${alias}.target_instance_id = ${instanceId}
    and ${alias}.target_repository = ${repository} and ${alias}.tag = ${tag}`;
}
