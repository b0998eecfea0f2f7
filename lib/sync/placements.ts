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

/** Placements of one process: one object a task and target. */
export function memoryPlacements(more: Pick<Placements, "blobsAtOnce"> = {}): Placements {
  const contents = new Map<string, Content>();
  return {
    ...more,
    async claim(digest, repository, { signal, mountable }) {
      let content = contents.get(digest);
      if (!content) {
        content = { repositories: new Set(), underWay: new Set(), waiting: new Set() };
        contents.set(digest, content);
      }
      while (true) {
        signal.throwIfAborted();
        if (content.repositories.has(repository)) {
          return { kind: "placed" };
        }
        const elsewhere = mountable ? content.repositories.values().next().value : undefined;
        const mustWait =
          content.underWay.has(repository) ||
          (mountable && elsewhere === undefined && content.underWay.size > 0);
        if (!mustWait) {
          return bring(content, repository, elsewhere);
        }
        await nextLanding(content, signal);
      }
    },
  };
}

/** One digest at the target. */
interface Content {
  /** That hold it. */
  repositories: Set<string>;
  /** That a flight is bringing it into. */
  underWay: Set<string>;
  /** Called when a flight ends, however it ends. */
  waiting: Set<() => void>;
}

function bring(content: Content, repository: string, mountFrom: string | undefined): Claim {
  content.underWay.add(repository);
  const land = async (): Promise<void> => {
    content.underWay.delete(repository);
    for (const wake of content.waiting) {
      wake();
    }
  };
  return {
    kind: "bring",
    mountFrom,
    placed: () => {
      content.repositories.add(repository);
      return land();
    },
    abandoned: land,
  };
}

function nextLanding(content: Content, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      content.waiting.delete(wake);
      signal.removeEventListener("abort", abort);
      settle();
    };
    const wake = (): void => end(resolve);
    const abort = (): void => end(() => reject(signal.reason));
    content.waiting.add(wake);
    signal.addEventListener("abort", abort, { once: true });
  });
}
