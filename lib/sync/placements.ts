import type { UploadState } from "../registry/repository.ts";

/**
 * What a task has already brought to one target registry, so that each distinct blob and manifest is handled once
 * however many tags share it. In memory for one process; lib/jobs keeps the same in Postgres for all workers.
 */
export interface Placements {
  /**
   * Placements with the same key are about the same task and target: they share what the process learns of the target on
   * the way (target-memory.ts). Without one they share it with nobody.
   */
  readonly memoryKey?: object;
  /** Blobs that this process brings to the target at once; left out: as many as one task of several may. */
  readonly blobsAtOnce?: number;
  /**
   * Asks for the right to bring `digest` into `repository`. Waits while another flight has it under way here, or, when no
   * repository holds it yet, while another flight brings it anywhere at this target: it can be mounted afterwards.
   */
  claim(digest: string, repository: string, wish: PlacementWish): Promise<Claim>;
}

export interface PlacementWish {
  signal: AbortSignal;
  /** A blob, which a repository can take over from another. */
  mountable: boolean;
  /** What is small is not worth being agreed on with other workers; left out: it is large. */
  sizeBytes?: number | undefined;
}

export type Claim =
  /** It is in this repository already. */
  | { kind: "placed" }
  /** Bring it; `mountFrom` names another repository of the target that holds it. Call one of the two when done. */
  | {
      kind: "bring";
      mountFrom: string | undefined;
      /** Where there is one, a large upload that breaks off can be gone on with by whoever claims this next. */
      upload?: UploadMemory;
      placed(): Promise<void>;
      abandoned(): Promise<void>;
    };

/** Remembers an upload for whoever goes on with it, also when this process dies. */
export interface UploadMemory {
  /** How far somebody came before. */
  readonly begun: UploadState | undefined;
  /** Remembers how far it is now; null: there is nothing to go on with any more. Neither waits nor throws. */
  keep(state: UploadState | null): void;
  /** Whether anybody will go on with what this error broke off: nobody does where a person stopped it, or it failed for good. */
  wantedAfter(error: unknown): boolean;
}

/**
 * Placements of one process: one object a task and target. What is placed is remembered as long as the task runs, so it is a string a
 * content and no more; what is under way is forgotten when it lands.
 */
export function memoryPlacements(more: Pick<Placements, "blobsAtOnce"> = {}): Placements {
  const placed = new PlacedContents();
  const flights = new Map<string, Flights>();

  function bring(digest: string, repository: string, mountFrom: string | undefined): Claim {
    const flying = flights.get(digest) ?? { repositories: new Set(), waiting: new Set() };
    flights.set(digest, flying);
    flying.repositories.add(repository);
    const land = async (): Promise<void> => {
      flying.repositories.delete(repository);
      if (flying.repositories.size === 0 && flights.get(digest) === flying) {
        flights.delete(digest);
      }
      for (const wake of flying.waiting) {
        wake();
      }
    };
    return {
      kind: "bring",
      mountFrom,
      placed: () => {
        placed.add(digest, repository);
        return land();
      },
      abandoned: land,
    };
  }

  return {
    ...more,
    async claim(digest, repository, { signal, mountable }) {
      while (true) {
        signal.throwIfAborted();
        if (placed.holds(digest, repository)) {
          return { kind: "placed" };
        }
        const elsewhere = mountable ? placed.somewhere(digest) : undefined;
        const flying = flights.get(digest);
        const mustWait =
          flying?.repositories.has(repository) || (mountable && elsewhere === undefined && flying);
        if (!flying || !mustWait) {
          return bring(digest, repository, elsewhere);
        }
        await nextLanding(flying, signal);
      }
    },
  };
}

/** Which repositories hold which contents: most are in one alone. */
class PlacedContents {
  readonly #repositories = new Map<string, string | Set<string>>();

  add(digest: string, repository: string): void {
    const held = this.#repositories.get(digest);
    if (held instanceof Set) {
      held.add(repository);
    } else {
      const first = held === undefined || held === repository;
      this.#repositories.set(digest, first ? repository : new Set([held, repository]));
    }
  }

  holds(digest: string, repository: string): boolean {
    const held = this.#repositories.get(digest);
    return held instanceof Set ? held.has(repository) : held === repository;
  }

  /** The one that held it first. */
  somewhere(digest: string): string | undefined {
    const held = this.#repositories.get(digest);
    return held instanceof Set ? held.values().next().value : held;
  }
}

/** One digest on its way to the target; there is one flight at least. */
interface Flights {
  /** That a flight is bringing it into. */
  repositories: Set<string>;
  /** Called when a flight ends, however it ends. */
  waiting: Set<() => void>;
}

function nextLanding({ waiting }: Flights, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      waiting.delete(wake);
      signal.removeEventListener("abort", abort);
      settle();
    };
    const wake = (): void => end(resolve);
    const abort = (): void => end(() => reject(signal.reason));
    waiting.add(wake);
    signal.addEventListener("abort", abort, { once: true });
  });
}
