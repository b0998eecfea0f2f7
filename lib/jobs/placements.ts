import { setTimeout as sleep } from "node:timers/promises";
import { and, eq } from "drizzle-orm";
import pLimit from "p-limit";
import type { Database, Tx } from "../db/client.ts";
import { placements } from "../db/schema/transfers.ts";
import { fenced, type Lease, LeaseLost, TaskGone } from "../queue/fence.ts";
import { type Claim, memoryPlacements, type Placements } from "../sync/placements.ts";
import {
  type Bring,
  type Content,
  type Decision,
  type Place,
  type PlacementDesk,
  placementDesk,
} from "./placement-desk.ts";
import { storedUpload } from "./upload-memory.ts";
import { type Attempt, isWanted } from "./upload-wanted.ts";

/** What is smaller two workers may both send: that costs less than agreeing on who does. */
const AGREED_FROM_BYTES = 64 * 1024;
/** What is larger is sent in chunks where it cannot be mounted, and its claim is where it is written how far that came. */
const REMEMBERED_FROM_BYTES = 32 * 1024 * 1024;
const FIRST_WAIT_MS = 20;
/** From then on all flights of a process look again at the same moments, so that they ask together. */
const LONGEST_WAIT_MS = 100;

/** No attempt of a job has this number: the claim is nobody's, but what was begun under it is remembered. */
const NO_ATTEMPT = -1;

/** What is known of a target outlives its last job by this: the next one of the task may be about to begin. */
const REMEMBERED_MS = 2_000;

/** The connections are shared with heartbeats and results, which must not wait for them. */
const limit = pLimit(5);

/** What the jobs of this process share about one target of a task. */
interface Shared {
  /** What they have placed, and which of their flights are under way. */
  readonly here: Placements;
  readonly desk: PlacementDesk;
  users: number;
}

/** By connections to the database, of which a process has one. */
const processes = new WeakMap<Database, Map<string, Shared>>();

export interface TargetPlacements extends Placements {
  /**
   * Resolves when it is written down what was placed. Whoever waits for it in other workers hears of it then; copies here do not wait.
   * @throws {LeaseLost} @throws {TaskGone}
   */
  settled(): Promise<void>;
  close(): void;
}

/**
 * Single flight. Jobs of this process know of each other without asking; what is large enough to be worth a question is claimed
 * in table `placements` besides, over all workers. A claim is live while the job attempt that made it is; that of a dead one is
 * taken over, with the upload that it had begun. Every write is fenced by the claiming job's lease. What the flights of this process
 * ask and tell at the same time is one transaction.
 * @param attempt of the job: where a person stops it, or what fails will not be tried again, there is no upload left to go on with
 */
export function createPlacements(
  db: Database,
  lease: Lease,
  { taskId, targetInstanceId, ...attempt }: Place & Partial<Attempt>,
): TargetPlacements {
  const place = { taskId, targetInstanceId };
  const key = `${taskId}/${targetInstanceId}`;
  const shared = processes.get(db) ?? new Map<string, Shared>();
  processes.set(db, shared);
  const ours = shared.get(key) ?? { here: memoryPlacements(), desk: placementDesk(db, place), users: 0 };
  shared.set(key, ours);
  ours.users++;
  const landings = laterOn();

  const inFence = <T>(write: (tx: Tx) => Promise<T>) => limit(() => fenced(db, lease, taskId, write));

  /** Nobody here is at it: is anybody elsewhere? */
  async function decided(
    wish: Content & { mountable: boolean },
    signal: AbortSignal,
  ): Promise<Placed | Bring> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      signal.throwIfAborted();
      const decision = await ours.desk.decide({ lease, ...wish });
      if (decision.kind !== "wait") {
        return decision;
      }
      const ms = waitMs < LONGEST_WAIT_MS ? waitMs : LONGEST_WAIT_MS - (Date.now() % LONGEST_WAIT_MS);
      await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  function bring(content: Content, { mountFrom, uploadSealed }: Bring, flight: Flight): Claim {
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
        landings.add(ours.desk.land({ ...content, lease }));
        await flight.placed();
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
          await flight.abandoned();
        }
      },
    };
  }

  return {
    memoryKey: ours,
    async claim(digest, repository, { signal, mountable, sizeBytes = Number.POSITIVE_INFINITY }) {
      const flight = await ours.here.claim(digest, repository, { signal, mountable });
      const mounted = flight.kind === "bring" && flight.mountFrom !== undefined;
      if (flight.kind === "placed" || !isAgreedOn(sizeBytes, { mountable, mounted })) {
        return flight;
      }
      try {
        const decision = await decided({ digest, repository, mountable }, signal);
        if (decision.kind === "bring") {
          return bring({ digest, repository }, decision, flight);
        }
        await flight.placed();
        return decision;
      } catch (error) {
        await flight.abandoned();
        throw error;
      }
    },
    settled: landings.all,
    close() {
      ours.users--;
      const forget = () => ours.users === 0 && shared.get(key) === ours && shared.delete(key);
      if (ours.users === 0) {
        setTimeout(forget, REMEMBERED_MS).unref();
      }
    },
  };
}

type Flight = Extract<Claim, { kind: "bring" }>;
type Placed = Extract<Decision, { kind: "placed" }>;

/**
 * Whether other workers are asked before it is brought. Not for manifests, which cost a request or two, nor for small blobs; nor for
 * what can be mounted, where nothing large is sent if that should fail: the worst is that two do the same.
 */
function isAgreedOn(
  sizeBytes: number,
  { mountable, mounted }: { mountable: boolean; mounted: boolean },
): boolean {
  return mountable && sizeBytes >= (mounted ? REMEMBERED_FROM_BYTES : AGREED_FROM_BYTES);
}

/** Work that nobody waits for until the end, where its first failure is told. */
function laterOn() {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  return {
    add(work: Promise<void>): void {
      const done: Promise<void> = work
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    async all(): Promise<void> {
      await Promise.all(underWay);
      if (failures.length > 0) {
        throw failures[0];
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
