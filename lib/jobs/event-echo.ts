import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { writtenAs } from "../queue/written-content.ts";
import { DestinationError, targetRepository } from "../sync/destination.ts";
import type { EventRule } from "./event-rules.ts";

export interface PushedTag {
  instanceId: string;
  repository: string;
  tag: string;
  digest: string | null;
}

const place = (instanceId: string, repository: string): string => `${instanceId}/${repository}`;

/**
 * Where the content of a push came from, if it was we who pushed it: from place to place back to where somebody else did.
 * Empty for anybody else's push, also of content that we once brought here: then another digest was told of in between.
 * A transfer counts from its start, because the registry tells of the push before the worker has written its end.
 */
export async function originsOf(tx: Tx, event: PushedTag): Promise<Set<string>> {
  const { instanceId, repository, tag, digest } = event;
  if (digest === null) {
    return new Set();
  }
  const { rows } = await tx.execute<{ instance_id: string; repository: string }>(sql`
    with recursive origin as (
      select k.source_instance_id as instance_id, t.repository, t.digest
      from (${writtenAt(sql`${digest}`, sql`${instanceId}`)}) t join tasks k on k.id = t.task_id
      where t.target_repository = ${repository} and t.tag = ${tag}
        and not exists (
          select from events e
          where e.instance_id = ${instanceId} and e.repository = ${repository} and e.tag = ${tag}
            and e.action = 'push' and e.digest <> ${digest} and e.received_at > coalesce(t.ended_at, t.started_at)
        )
      union
      select k.source_instance_id, t.repository, t.digest
      from origin o
      cross join lateral (${writtenAt(sql`o.digest`, sql`o.instance_id`)}) t
      join tasks k on k.id = t.task_id
      where t.target_repository = o.repository and t.tag = ${tag}
    )
    select instance_id, repository from origin`);
  return new Set(rows.map((row) => place(row.instance_id, row.repository)));
}

const writtenAt = (digest: SQL, instanceId: SQL): SQL =>
  writtenAs(digest, sql`t.status in ('running', 'copied') and t.target_instance_id = ${instanceId}`);

/** Targets of a rule that lie where a push came from: it is not carried back to them. */
export function targetsBehind(rule: EventRule, repository: string, origins: ReadonlySet<string>): string[] {
  return origins.size === 0
    ? []
    : rule.targets
        .filter((target) => origins.has(destinationOf(rule, repository, target) ?? ""))
        .map(({ id }) => id);
}

function destinationOf(
  rule: EventRule,
  repository: string,
  target: EventRule["targets"][number],
): string | null {
  try {
    return place(target.instanceId, targetRepository(repository, rule.sourceNamespace, target.namespace));
  } catch (error) {
    if (error instanceof DestinationError) {
      return null;
    }
    throw error;
  }
}
