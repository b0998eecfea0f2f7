import { eq } from "drizzle-orm";
import { rules } from "../db/schema/rules.ts";
import type { tasks } from "../db/schema/tasks.ts";
import type { transfers } from "../db/schema/transfers.ts";
import { digestOf, MIB, type Seed } from "./console-seed-base.ts";

type TaskRow = typeof tasks.$inferInsert;
type TransferRow = typeof transfers.$inferInsert;
type VerifyDepth = NonNullable<TaskRow["verify"]>;
type TransferVerification = NonNullable<TransferRow["verification"]>;
type VerifyFinding = TransferVerification["findings"][number];

/** So many of the transfers that stand had to be mended. */
const MENDED_EACH = 9;
/** What was missing of one of these is no larger. */
const MENDED_BYTES = 12 * MIB;

/** The transfers of a task that proves what it brought, with what was proven of each. */
export function provenRows(rows: readonly TransferRow[], depth: VerifyDepth | undefined): TransferRow[] {
  return rows.map((row, index) => (depth ? { ...row, ...provenOf(row, { depth, index }) } : row));
}

function provenOf(
  row: TransferRow,
  { depth, index }: { depth: VerifyDepth; index: number },
): Partial<TransferRow> {
  const { status } = row;
  const [manifests, blobs] = [1 + (index % 3), 5 + (index % 8)];
  const bytesRead = depth === "deep" ? (row.sizeBytes ?? 0) : 0;
  if (status === "running") {
    // What is proven was there before: nothing of it is sent.
    const there = { bytesCopied: 0, bytesSkipped: row.sizeBytes ?? 0 };
    return { ...there, contentsVerified: manifests + blobs, bytesVerified: bytesRead };
  }
  if (status !== "copied" && status !== "up-to-date" && row.reason !== "TARGET_DAMAGED") {
    return {};
  }
  const findings = findingsOf(row, index);
  const missing = findings.filter(({ repaired }) => !repaired).length;
  const verification: TransferVerification = {
    ...{ depth, manifests, blobs, bytesRead, missing, findings },
    repaired: findings.length - missing,
  };
  const proven = { verification, contentsVerified: manifests + blobs, bytesVerified: bytesRead };
  return status === "up-to-date" && verification.repaired > 0 ? { ...proven, ...mendedBytes(row) } : proven;
}

/** What was missing was sent, the rest was there. */
function mendedBytes({ sizeBytes }: TransferRow): Partial<TransferRow> {
  const bytesCopied = Math.min(MENDED_BYTES, Math.round((sizeBytes ?? 0) * 0.2));
  return { bytesCopied, bytesSkipped: (sizeBytes ?? 0) - bytesCopied };
}

function findingsOf({ status, targetRepository }: TransferRow, index: number): VerifyFinding[] {
  const found = { repository: targetRepository, tag: null, subject: null, mediaType: null, sizeBytes: null };
  if (status === "failed") {
    const digest = digestOf("damaged");
    return [{ ...found, kind: "blob", reason: "wrong-bytes", digest, repaired: false }];
  }
  return index % MENDED_EACH === 0
    ? [
        { ...found, kind: "blob", reason: "missing", digest: digestOf(`lost ${index}`), repaired: true },
        {
          ...found,
          kind: "referrer",
          reason: "not-listed",
          digest: digestOf(`sig ${index}`),
          repaired: true,
        },
      ]
    : [];
}

/** The counters of the task that follow. */
export function provenTask(rows: readonly TransferRow[], depth: VerifyDepth | undefined): Partial<TaskRow> {
  const proven = rows.flatMap(({ verification }) => verification ?? []);
  const sum = (field: "contentsVerified" | "bytesVerified") =>
    rows.reduce((total, row) => total + (row[field] ?? 0), 0);
  return {
    verify: depth ?? null,
    transfersVerified: proven.filter(({ missing }) => missing === 0).length,
    transfersRepaired: proven.filter(({ missing, repaired }) => missing === 0 && repaired > 0).length,
    transfersUnproven: proven.filter(({ missing }) => missing > 0).length,
    contentsVerified: sum("contentsVerified"),
    bytesVerified: sum("bytesVerified"),
  };
}

/** What its rule remembers of such a task. */
export async function seedVerified(seed: Seed, task: TaskRow): Promise<void> {
  if (task.verify && task.endedAt instanceof Date) {
    await seed.db
      .update(rules)
      .set({
        verifiedAt: task.endedAt,
        verified: {
          ...{ taskId: task.id, number: task.number, depth: task.verify },
          verified: task.transfersVerified ?? 0,
          repaired: task.transfersRepaired ?? 0,
          unproven: task.transfersUnproven ?? 0,
        },
      })
      .where(eq(rules.id, task.ruleId));
  }
}
