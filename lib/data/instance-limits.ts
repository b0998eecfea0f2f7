import "server-only";
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { instanceShares } from "../db/schema/limits.ts";
import { type InstanceLimits, type LimitsInUse, limitsAt, nextLimitChange } from "../schemas/limits.ts";
import type { Holders } from "../schemas/shares.ts";

/** Limits at this moment and what is in use of them, by instance; of instances without limits nothing. */
export async function limitsInUse(instanceIds: readonly string[]): Promise<Map<string, LimitsInUse>> {
  const rows = await database()
    .select({
      id: instances.id,
      limits: instances.limits,
      holders: instanceShares.holders,
      nowMs: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`,
    })
    .from(instances)
    .leftJoin(instanceShares, eq(instanceShares.instanceId, instances.id))
    .where(and(inArray(instances.id, [...instanceIds]), isNotNull(instances.limits)));
  return new Map(
    rows.flatMap(({ id, limits, holders, nowMs }) =>
      limits ? [[id, inUse(limits, holders ?? {}, Math.round(nowMs))] as const] : [],
    ),
  );
}

function inUse(limits: InstanceLimits, holders: Holders, nowMs: number): LimitsInUse {
  const now = limitsAt(limits, nowMs);
  const next = nextLimitChange(limits, nowMs);
  const shares = Object.values(holders).filter(({ until }) => until > nowMs);
  const sum = (of: (share: (typeof shares)[number]) => number) =>
    shares.reduce((total, share) => total + of(share), 0);
  return {
    at: new Date(nowMs).toISOString(),
    now,
    next: next && { at: new Date(next.atMs).toISOString(), limits: next.limits },
    workers: shares.filter(({ wants }) => wants > 0).length,
    copies: sum(({ copies }) => copies),
    readBytesPerSecond: sum(({ read }) => read?.moved ?? 0),
    writeBytesPerSecond: sum(({ write }) => write?.moved ?? 0),
    held: {
      copies: now.copies !== null && shares.some(({ wants, copies }) => wants > copies),
      read: now.readBytesPerSecond !== null && shares.some(({ read }) => read?.held),
      write: now.writeBytesPerSecond !== null && shares.some(({ write }) => write?.held),
    },
  };
}
