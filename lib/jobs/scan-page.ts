import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Tx } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import { transfers } from "../db/schema/transfers.ts";
import { sendJobs } from "../queue/boss.ts";
import { announceTask } from "../queue/live.ts";
import { COPY, type CopyJob } from "../queue/queues.ts";
import type { Manifest } from "../registry/repository.ts";
import type { DigestTagList } from "../schemas/referrers.ts";
import type { FailureFact } from "../schemas/task.ts";

/** Tags of one repository that one copy job takes. */
export const SLICE_SIZE = 50;
/** Manifests that go with one job: some tags of a few layers. */
const MOST_MANIFEST_BYTES = 32 * 1024;
/** With the first slices of a task, for which workers wait; what comes later waits for workers, and jobs are kept for a day. */
const SLICES_WITH_MANIFESTS = 64;
/** Rows of one INSERT; Postgres takes at most 65,535 parameters. */
const INSERT_ROWS = 1_000;
/** Priorities are 32-bit. */
const LOWEST_PRIORITY = -1_000_000;

/** A transfer that the scan planned. */
export interface PlannedRow {
  ruleTargetId: string;
  targetInstanceId: string;
  repository: string;
  tag: string;
  targetRepository: string;
  digest: string;
  mediaType: string;
  /** Found in the chart repository of the source; null: in its registry. */
  store?: "charts" | null;
  digestTags?: DigestTagList | null;
  /** Since when an event says that the source holds it. */
  knownAt: Date | null;
}

/** What one step of the scan found. */
export interface ScanPage {
  rows: PlannedRow[];
  repositoriesScanned: number;
  tagsScanned: number;
  /** Source repositories that are complete with this page and have at least one transfer. */
  repositories: number;
  /** Where a scan that is cut off after this page goes on; null keeps the cursor. */
  cursor: string | null;
  /** A repository could not be read or has no valid name at the target: the scan goes on, the first such fact is kept. */
  failure: FailureFact | null;
  /** As long as nothing matched: of the names seen, the nearest to the rule's expressions. */
  closestName: string | null;
}

/** What a scan found out beyond what it plans: whoever copies need not ask again. */
export interface FoundAhead {
  /** The repository was just listed, and no tag was there. */
  isEmpty(targetInstanceId: string, targetRepository: string): boolean;
  /** The manifest, where it was read. */
  read(targetInstanceId: string, digest: string): Manifest | undefined;
}

/**
 * Writes a page of a scan: transfers, counters, cursor and copy jobs in one transaction. Written twice it changes
 * nothing the second time: a transfer is unique by task, target, repository and tag.
 * @param ahead what goes with the jobs
 */
export async function writePage(tx: Tx, taskId: string, page: ScanPage, ahead?: FoundAhead): Promise<void> {
  const slices = await insertTransfers(tx, taskId, page.rows);
  const inserted = [...slices.values()].reduce((sum, { count }) => sum + count, 0);
  await tx
    .update(tasks)
    .set({
      transfersTotal: sql`${tasks.transfersTotal} + ${inserted}`,
      repositories: sql`${tasks.repositories} + ${page.repositories}`,
      repositoriesScanned: sql`${tasks.repositoriesScanned} + ${page.repositoriesScanned}`,
      tagsScanned: sql`${tasks.tagsScanned} + ${page.tagsScanned}`,
      scanCursor: page.cursor ?? sql`${tasks.scanCursor}`,
      failure: page.failure
        ? sql`coalesce(${tasks.failure}, ${JSON.stringify(page.failure)}::jsonb)`
        : sql`${tasks.failure}`,
      closestName: page.closestName ?? sql`${tasks.closestName}`,
      updatedAt: sql`now()`,
    })
    .where(eq(tasks.id, taskId));
  await sendJobs(
    tx,
    COPY,
    [...slices].map(([slice, written]) => ({
      data: { taskId, slice, ...(ahead && passedOn(slice, written, ahead)) } satisfies CopyJob,
      group: { id: taskId },
      // Early slices of every task go before late ones of any: a huge task does not hold up a small one.
      priority: Math.max(LOWEST_PRIORITY, -slice),
    })),
  );
  await announceTask(tx, taskId);
}

interface WrittenSlice {
  /** New rows. */
  count: number;
  /** All rows. */
  readonly rows: PlannedRow[];
}

/** @returns by slice, those that have new rows */
async function insertTransfers(
  tx: Tx,
  taskId: string,
  rows: PlannedRow[],
): Promise<Map<number, WrittenSlice>> {
  if (rows.length === 0) {
    return new Map();
  }
  const [last] = await tx
    .select({ slice: sql<number>`coalesce(max(${transfers.slice}), -1)` })
    .from(transfers)
    .where(eq(transfers.taskId, taskId));
  const cut = cutSlices(rows, (last?.slice ?? -1) + 1);
  const slices = new Map(
    [...Map.groupBy(cut, ({ slice }) => slice)].map(([slice, of]) => [slice, { count: 0, rows: of }]),
  );
  const values = cut.map((row) => ({ id: uuidv7(), taskId, ...row }));
  for (let start = 0; start < values.length; start += INSERT_ROWS) {
    const written = await tx
      .insert(transfers)
      .values(values.slice(start, start + INSERT_ROWS))
      .onConflictDoNothing()
      .returning({ slice: transfers.slice });
    for (const { slice } of written) {
      const of = slices.get(slice);
      if (of) {
        of.count += 1;
      }
    }
  }
  return new Map([...slices].filter(([, { count }]) => count > 0));
}

/** What a job is told beside its slice. */
function passedOn(
  slice: number,
  { rows }: WrittenSlice,
  ahead: FoundAhead,
): Omit<CopyJob, "taskId" | "slice"> {
  const [place] = rows;
  if (!place || !ahead.isEmpty(place.targetInstanceId, place.targetRepository)) {
    return {};
  }
  const manifests: string[] = [];
  let bytes = 0;
  for (const digest of slice < SLICES_WITH_MANIFESTS ? new Set(rows.map((row) => row.digest)) : []) {
    const read = ahead.read(place.targetInstanceId, digest)?.bytes;
    if (read && bytes + read.byteLength <= MOST_MANIFEST_BYTES) {
      bytes += read.byteLength;
      manifests.push(Buffer.from(read).toString());
    }
  }
  return { targetEmpty: true, ...(manifests.length > 0 ? { manifests } : {}) };
}

/** One slice holds tags of one repository on their way to one target. */
export function cutSlices(rows: PlannedRow[], first: number): (PlannedRow & { slice: number })[] {
  const places = Map.groupBy(rows, (row) => `${row.ruleTargetId}/${row.repository}`);
  let slice = first - 1;
  return [...places.values()].flatMap((place) =>
    place.map((row, index) => {
      if (index % SLICE_SIZE === 0) {
        slice++;
      }
      return { ...row, slice };
    }),
  );
}
