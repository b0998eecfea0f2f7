import type { Database, Tx } from "../db/client.ts";
import { gathered } from "../db/gathered.ts";
import { fencedTogether, type Lease, LeaseLost, leasesOf, TaskGone } from "../queue/fence.ts";
import { tellProgress, writeTotals } from "./progress-rows.ts";
import type { TransferTotals } from "./totals.ts";
import type { TransferEnd } from "./transfer-move-statement.ts";
import { moveTransfers } from "./transfer-moves.ts";
import { isDatabaseAway } from "./transient.ts";

/** What one job has to tell of its transfers. */
interface Told {
  readonly lease: Lease;
  readonly end?: TransferEnd | undefined;
  /** Id of the transfer that begins in its place. */
  readonly begin?: string | undefined;
  /** What running transfers have moved, by their ids. */
  readonly totals?: readonly [string, TransferTotals][] | undefined;
}

/**
 * Where all jobs of this process tell which transfers of one task end and begin, and what the others move. What comes at the
 * same time is one transaction: each waits for the row of the task, so that one after the other they would queue there. Each is
 * fenced by the lease of its own job.
 */
export interface TransferDesk {
  /** @returns whether the transfer that was to begin runs now @throws {LeaseLost} @throws {TaskGone} */
  tell(told: Told): Promise<boolean>;
  close(): void;
}

type Answer = { begun: boolean } | { error: unknown };

const open = new Map<string, { tell: (told: Told) => Promise<Answer>; users: number }>();

/** The desk of a task. Close it as often as it was opened. */
export function transferDesk(db: Database, taskId: string): TransferDesk {
  const desk = open.get(taskId) ?? { tell: gathered((all: Told[]) => answersTo(db, taskId, all)), users: 0 };
  open.set(taskId, desk);
  desk.users++;
  return {
    async tell(told) {
      const answer = await desk.tell(told);
      if ("error" in answer) {
        throw answer.error;
      }
      return answer.begun;
    },
    close() {
      desk.users--;
      if (desk.users === 0) {
        open.delete(taskId);
      }
    },
  };
}

/** Where what one of them tells cannot be written, the others are written without it. */
async function answersTo(db: Database, taskId: string, all: readonly Told[]): Promise<Answer[]> {
  try {
    return await write(db, taskId, all);
  } catch (error) {
    if (all.length === 1 || error instanceof TaskGone || isDatabaseAway(error)) {
      return all.map(() => ({ error }));
    }
    const answers: Answer[] = [];
    for (const each of all) {
      answers.push(...(await answersTo(db, taskId, [each])));
    }
    return answers;
  }
}

function write(db: Database, taskId: string, all: readonly Told[]): Promise<Answer[]> {
  const told = async (tx: Tx, holds: (lease: Lease) => boolean): Promise<Answer[]> => {
    const begun = await move(
      tx,
      taskId,
      all.filter(({ lease }) => holds(lease)),
    );
    return all.map(({ lease, begin }) =>
      holds(lease) ? { begun: begin !== undefined && begun.has(begin) } : { error: new LeaseLost(lease) },
    );
  };
  return fencedTogether(db, leasesOf(all), taskId, { write: told });
}

async function move(tx: Tx, taskId: string, held: readonly Told[]): Promise<ReadonlySet<string>> {
  const totals = held.flatMap((told) => told.totals ?? []).sort(([a], [b]) => (a < b ? -1 : 1));
  await writeTotals(tx, taskId, totals);
  const ends = held.flatMap(({ lease, end }) => (end ? { ...end, lease } : []));
  const begins = held.flatMap(({ begin }) => begin ?? []);
  const moves = ends.length + begins.length > 0;
  const begun = moves ? await moveTransfers(tx, taskId, { ends, begins }) : new Set<string>();
  if (ends.length + totals.length > 0) {
    await tellProgress(tx, taskId);
  }
  return begun;
}
