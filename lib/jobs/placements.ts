import { and, eq } from "drizzle-orm";
import pLimit from "p-limit";
import type { Database, Tx } from "../db/client.ts";
import { placements } from "../db/schema/transfers.ts";
import { fenced, type Lease, LeaseLost, TaskGone } from "../queue/fence.ts";
import type { Claim, Placements } from "../sync/placements.ts";
import { change, changed, type Known } from "./known-placements.ts";
import { type Bring, type Content, type Place, placementDesk } from "./placement-desk.ts";
import { storedUpload } from "./upload-memory.ts";
import { type Attempt, isWanted } from "./upload-wanted.ts";

const FIRST_WAIT_MS = 20;
/** From then on all flights of a process look again at the same moments, so that they ask together. */
const LONGEST_WAIT_MS = 100;

/** No attempt of a job has this number: the claim is nobody's, but what was begun under it is remembered. */
const NO_ATTEMPT = -1;

/** The connections are shared with heartbeats and results, which must not wait for them. */
const limit = pLimit(5);
const known = new Map<string, Known>();

export interface TargetPlacements extends Placements {
  close(): void;
}

/**
 * Single flight over all workers, in table `placements`. A claim is live while the job attempt that made it is; that of a
 * dead one is taken over, with the upload that it had begun. Every write is fenced by the claiming job's lease. What the
 * flights of this process ask at the same time is asked in one transaction.
 * @param attempt of the job: where a person stops it, or what fails will not be tried again, there is no upload left to go on with
 */
export function createPlacements(
  db: Database,
  lease: Lease,
  { taskId, targetInstanceId, ...attempt }: Place & Partial<Attempt>,
): TargetPlacements {
  const place = { taskId, targetInstanceId };
  const key = `${taskId}/${targetInstanceId}`;
  const local = known.get(key) ?? {
    placed: new Set(),
    waiting: new Map(),
    users: 0,
    desk: placementDesk(db, place),
  };
  known.set(key, local);
  local.users++;

  const inFence = <T>(write: (tx: Tx) => Promise<T>) => limit(() => fenced(db, lease, taskId, write));

  function bring(content: Content, { mountFrom, uploadSealed }: Bring): Claim {
    const { digest, repository } = content;
    const mine = openClaim(lease, place, content);
    const upload = storedUpload({ ...place, ...content }, uploadSealed, {
      write: (sealed) => inFence((tx) => tx.update(placements).set({ uploadSealed: sealed }).where(mine)),
      wantedAfter: (error) => isWanted(error, attempt),
    });
    return {
      kind: "bring",
      mountFrom,
      upload,
      async placed() {
        await upload.settled();
        await local.desk.land({ ...content, lease });
        local.placed.add(`${repository}@${digest}`);
        changed(local, digest);
      },
      async abandoned() {
        try {
          await upload.settled();
          await inFence((tx) =>
            upload.kept
              ? tx.update(placements).set({ jobAttempt: NO_ATTEMPT }).where(mine)
              : tx.delete(placements).where(mine),
          );
        } catch (error) {
          // A lost lease has freed the claim; the reason why the flight was abandoned must reach the caller.
          if (!(error instanceof LeaseLost || error instanceof TaskGone)) {
            throw error;
          }
        } finally {
          changed(local, digest);
        }
      },
    };
  }

  return {
    memoryKey: local,
    async claim(digest, repository, { signal, mountable }) {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        signal.throwIfAborted();
        if (local.placed.has(`${repository}@${digest}`)) {
          return { kind: "placed" };
        }
        const decision = await local.desk.decide({ lease, digest, repository, mountable });
        if (decision.kind === "placed") {
          local.placed.add(`${repository}@${digest}`);
          return decision;
        }
        if (decision.kind === "bring") {
          return bring({ digest, repository }, decision);
        }
        const ms = waitMs < LONGEST_WAIT_MS ? waitMs : LONGEST_WAIT_MS - (Date.now() % LONGEST_WAIT_MS);
        await change(local, digest, { ms, signal });
      }
    },
    close() {
      local.users--;
      if (local.users === 0) {
        known.delete(key);
      }
    },
  };
}

/** A claim that this attempt made and has not fulfilled. */
function openClaim(lease: Lease, place: Place, { digest, repository }: Content) {
  return and(
    eq(placements.taskId, place.taskId),
    eq(placements.targetInstanceId, place.targetInstanceId),
    eq(placements.digest, digest),
    eq(placements.repository, repository),
    eq(placements.jobId, lease.jobId),
    eq(placements.jobAttempt, lease.attempt),
    eq(placements.placed, false),
  );
}
