import "server-only";
import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { type InstanceConnection, instanceConnection } from "../db/instance-connection.ts";
import { instances } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import type { InstanceListQuery, InstanceRow } from "../schemas/instance.ts";
import type { InstanceListRow } from "../schemas/instance-health.ts";
import type { Page } from "../schemas/task.ts";
import { SecretError } from "../secrets.ts";
import { type Order, planPage } from "./cursor.ts";
import { NO_RULES, ruleCounts } from "./instance-feeds.ts";
import { latencySummaries, outagesOf } from "./instance-health.ts";
import { instanceMatching } from "./instance-options.ts";
import { grantsAt, heldAt, holds, instanceVisible, notFound, requireId } from "./visibility.ts";

/** Ordered by what is shown: of instances without view only the name is. */
function orderOf(actor: Actor, sort: InstanceListQuery["sort"]): Order {
  const direction = sort.startsWith("-") ? "desc" : "asc";
  const name = { expression: sql`${instances.name}`, cast: "text" } as const;
  const id = { expression: sql`${instances.id}`, cast: "uuid" } as const;
  const shown = heldAt(instances.id, actor.view);
  switch (sort) {
    case "name":
    case "-name":
      return { name: sort, direction, by: [name, id] };
    case "health":
    case "-health": {
      const worst = sql`case when not ${shown} then '4' else case ${instances.healthStatus}
        when 'unreachable' then '0' when 'slow' then '1' when 'unknown' then '2' else '3' end end`;
      return { name: sort, direction, by: [{ expression: worst, cast: "text" }, name, id] };
    }
    case "credential":
    case "-credential": {
      // Without one, or of unknown age: behind all others, as if it were new.
      const since = sql`coalesce(case when ${shown} then ${instances.credentialSetAt} end, '2100-01-01')`;
      return { name: sort, direction, by: [{ expression: since, cast: "timestamptz" }, name, id] };
    }
  }
}

/** Instances on which the actor holds anything; of those without view only the name. */
export async function listInstances(
  actor: Actor,
  query: Omit<InstanceListQuery, "sort"> & Partial<Pick<InstanceListQuery, "sort">>,
): Promise<Page<InstanceListRow>> {
  const plan = planPage(orderOf(actor, query.sort ?? "name"), query);
  const rows = await database()
    .select({ key: plan.key, row: instances })
    .from(instances)
    .where(and(instanceVisible(actor), plan.where, query.q ? instanceMatching(actor, query.q) : undefined))
    .orderBy(plan.orderBy)
    .limit(plan.limit);
  const page = plan.page(rows);
  const ids = page.rows.map(({ row }) => row.id);
  const lost = page.rows.filter(({ row }) => row.healthStatus === "unreachable").map(({ row }) => row.id);
  const [counts, latencies, outages] = await Promise.all([
    ruleCounts(actor, ids),
    latencySummaries(actor, ids),
    outagesOf(actor, lost),
  ]);
  return {
    ...page,
    rows: page.rows.map(({ row }) => {
      const count = counts.get(row.id) ?? NO_RULES;
      return {
        ...instanceRow(actor, row, { ruleCount: count.all, unreachableSince: outages.get(row.id) ?? null }),
        latency: latencies.get(row.id) ?? null,
        rulesOut: count.out,
        rulesIn: count.in,
      };
    }),
  };
}

/** @throws {AppError} NOT_FOUND when the actor does not hold view here */
export async function getInstance(actor: Actor, instanceId: string): Promise<InstanceRow> {
  const [row] = await database()
    .select()
    .from(instances)
    .where(and(eq(instances.id, requireId(instanceId)), heldAt(instances.id, actor.view)));
  if (!row) {
    throw notFound();
  }
  const [counts, outages] = await Promise.all([
    ruleCounts(actor, [row.id]),
    row.healthStatus === "unreachable" ? outagesOf(actor, [row.id]) : new Map<string, string>(),
  ]);
  return instanceRow(actor, row, {
    ruleCount: (counts.get(row.id) ?? NO_RULES).all,
    unreachableSince: outages.get(row.id) ?? null,
  });
}

/**
 * What it takes to speak to the registry, password in the clear: for the server only.
 * @throws {AppError} NOT_FOUND where the permission does not hold; CONFLICT credentials-unreadable
 */
export async function connectionOf(
  actor: Actor<"instance:check" | "instance:test" | "instance:namespaces">,
  instanceId: string,
): Promise<InstanceConnection> {
  const connection = holds(actor.holds, requireId(instanceId))
    ? await instanceConnection(database(), instanceId).catch(explainUnreadable)
    : null;
  if (!connection) {
    throw notFound();
  }
  return connection;
}

/**
 * Where the registry is, without its credentials: what is stored may be unreadable and is not wanted.
 * @throws {AppError} NOT_FOUND where the permission does not hold
 */
export async function addressOf(
  actor: Actor<"instance:edit">,
  instanceId: string,
): Promise<Pick<InstanceConnection, "address" | "chartsAddress" | "vendor" | "caCertificate" | "plainHttp">> {
  const [row] = await database()
    .select({
      address: instances.address,
      chartsAddress: instances.chartsAddress,
      vendor: instances.vendor,
      caCertificate: instances.caCertificate,
      plainHttp: instances.plainHttp,
    })
    .from(instances)
    .where(and(eq(instances.id, requireId(instanceId)), heldAt(instances.id, actor.holds)));
  if (!row) {
    throw notFound();
  }
  return row;
}

/** Sealed with another key, changed, or copied from another row: somebody has to enter the password again. */
function explainUnreadable(cause: unknown): never {
  throw cause instanceof SecretError ? new AppError("CONFLICT", "credentials-unreadable", { cause }) : cause;
}

/** Everything but secrets; without view nothing but the name. */
function instanceRow(
  actor: Actor,
  row: typeof instances.$inferSelect,
  { ruleCount, unreachableSince }: { ruleCount: number; unreachableSince: string | null },
): InstanceRow {
  const shared = {
    id: row.id,
    name: row.name,
    vendor: row.vendor,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ruleCount,
    grants: grantsAt(actor, row.id),
  };
  if (!holds(actor.view, row.id)) {
    return {
      ...shared,
      region: "",
      address: "",
      chartsAddress: null,
      username: null,
      hasPassword: false,
      caCertificate: null,
      plainHttp: false,
      credentialSetAt: null,
      capabilities: null,
      limits: null,
      health: {
        status: "unknown",
        checkedAt: null,
        latencyMs: null,
        code: null,
        detail: null,
        unreachableSince: null,
      },
    };
  }
  return {
    ...shared,
    region: row.region,
    address: row.address,
    chartsAddress: row.chartsAddress,
    username: row.username,
    hasPassword: row.passwordSealed !== null,
    caCertificate: row.caCertificate,
    plainHttp: row.plainHttp,
    credentialSetAt: row.credentialSetAt?.toISOString() ?? null,
    capabilities: row.capabilities,
    limits: row.limits,
    health: {
      status: row.healthStatus,
      checkedAt: row.healthCheckedAt?.toISOString() ?? null,
      latencyMs: row.healthLatencyMs,
      code: row.healthCode,
      detail: row.healthDetail,
      unreachableSince,
    },
  };
}
