import { eq } from "drizzle-orm";
import { deletionSweeps, deletions } from "../db/schema/deletions.ts";
import { rules } from "../db/schema/rules.ts";
import { DAY, digestOf, HOUR, MINUTE, type Seed } from "./console-seed-base.ts";
import type { SeededRule } from "./console-seed-rules.ts";

type Deletion = Partial<typeof deletions.$inferInsert> &
  Pick<typeof deletions.$inferInsert, "tag" | "state"> & { agoMs: number; target?: number };

const HELD: readonly Deletion[] = Array.from({ length: 14 }, (_, index) => ({
  tag: `v3.${14 - index}.0`,
  state: "held",
  reason: index < 11 ? "share-exceeded" : "repository-empty",
  agoMs: 35 * MINUTE,
}));

/** Every state, with each kind of reason that a person can do something about. */
function specs(seed: Seed): Deletion[] {
  const ahead = (ms: number) => new Date(seed.now + ms);
  const undo = { mediaType: "application/vnd.oci.image.manifest.v1+json", manifest: Buffer.from("{}") };
  return [
    ...HELD,
    { tag: "v2.8.1", state: "pending", cause: "event", agoMs: 4 * MINUTE, dueAt: ahead(6 * MINUTE) },
    { tag: "v2.7.9-rc.1", state: "pending", agoMs: 2 * HOUR, dueAt: ahead(22 * HOUR) },
    { tag: "v2.7.8", state: "pending", reason: "source-failed", agoMs: 25 * HOUR, dueAt: ahead(15 * MINUTE) },
    { tag: "v2.7.7", state: "refused", reason: "shared-digest", agoMs: 26 * HOUR },
    { tag: "v2.7.6", state: "refused", reason: "unsupported", agoMs: 27 * HOUR, target: 1 },
    { tag: "v2.7.5", state: "refused", reason: "moved", agoMs: 28 * HOUR },
    {
      tag: "v2.7.4",
      state: "failed",
      reason: "registry-failed",
      agoMs: 29 * HOUR,
      failure: {
        code: "UNKNOWN",
        side: "target",
        httpStatus: 503,
        registryMessage: "upstream connect error",
        request: null,
        digest: null,
      },
    },
    {
      tag: "v2.7.3",
      state: "deleted",
      agoMs: 30 * HOUR,
      deletedAt: seed.ago(6 * HOUR),
      undoUntil: ahead(18 * HOUR),
      ...undo,
    },
    { tag: "v2.7.2", state: "deleted", agoMs: 9 * DAY, deletedAt: seed.ago(8 * DAY) },
    { tag: "v2.7.1", state: "kept", agoMs: 10 * DAY },
    { tag: "v2.7.0", state: "withdrawn", reason: "came-back", agoMs: 11 * DAY },
    { tag: "v2.6.9", state: "restored", agoMs: 12 * DAY, deletedAt: seed.ago(11 * DAY) },
  ];
}

/** A rule that follows deletions, with what it has noticed. */
export async function seedDeletions(seed: Seed, rule: SeededRule | undefined, userId: string | undefined) {
  if (!rule) {
    return;
  }
  const { targets, sourceNamespace } = rule.snapshotAt(0);
  await seed.db.update(rules).set({ followDeletions: true }).where(eq(rules.id, rule.id));
  for (const { agoMs, target = 0, ...row } of specs(seed)) {
    const at = targets[target] ?? targets[0];
    if (!at) {
      return;
    }
    const path = row.reason === "repository-empty" ? "debian/legacy" : "alpine/base";
    const namespace = at.namespace ?? sourceNamespace;
    const decided = row.state === "kept" || row.state === "restored";
    await seed.db.insert(deletions).values({
      id: seed.id(agoMs),
      ruleId: rule.id,
      ruleTargetId: at.ruleTargetId,
      targetInstanceId: at.instanceId,
      repository: `${sourceNamespace}/${path}`,
      targetRepository: namespace === "" ? path : `${namespace}/${path}`,
      digest: digestOf(row.tag),
      cause: "sweep",
      noticedAt: seed.ago(agoMs),
      updatedAt: seed.ago(agoMs),
      ...(decided && userId ? { decidedBy: userId, decidedAt: seed.ago(agoMs - HOUR) } : {}),
      ...row,
    });
  }
  await seed.db.insert(deletionSweeps).values({
    ruleId: rule.id,
    taskId: seed.id(),
    at: seed.ago(35 * MINUTE),
    outcome: "held",
    known: 96,
    missing: 14,
  });
}
