import { log } from "../log.ts";
import type { UploadState } from "../registry/repository.ts";
import { open, SecretError, seal, secretPlace } from "../secrets.ts";
import type { UploadMemory } from "../sync/placements.ts";

/** Which claim an upload belongs to. */
export interface UploadPlace {
  readonly taskId: string;
  readonly targetInstanceId: string;
  readonly digest: string;
  readonly repository: string;
}

/** An upload that is written down at its claim, sealed, each time a chunk was taken. */
export interface StoredUpload extends UploadMemory {
  /** Whether there is something to go on with. */
  readonly kept: boolean;
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>;
}

/**
 * Copies do not wait for it: what comes while one state is being written waits, and of that the latest is written next.
 * @param write stores the sealed state, or null; a failure costs no more than going on from an earlier chunk
 * @param wantedAfter whether anybody will go on with it
 */
export function storedUpload(
  place: UploadPlace,
  sealed: string | null,
  {
    write,
    wantedAfter,
  }: { write: (sealed: string | null) => Promise<unknown>; wantedAfter: (error: unknown) => boolean },
): StoredUpload {
  const begun = sealed === null ? undefined : unsealed(place, sealed);
  let kept = begun !== undefined;
  let waiting: UploadState | null | undefined;
  let writing: Promise<void> | undefined;
  const writeAll = async () => {
    while (waiting !== undefined) {
      const state = waiting;
      waiting = undefined;
      try {
        await write(state && seal(JSON.stringify(state), sealPlace(place)));
      } catch (error) {
        log.debug({ err: error, digest: place.digest }, "how far an upload is was not written down");
      }
    }
    writing = undefined;
  };
  return {
    begun,
    get kept() {
      return kept;
    },
    wantedAfter,
    keep(state) {
      kept = state !== null;
      waiting = state;
      writing ??= writeAll();
    },
    settled: async () => writing,
  };
}

function sealPlace({ taskId, targetInstanceId, digest, repository }: UploadPlace): string {
  return secretPlace("placements", [taskId, targetInstanceId, digest, repository].join("/"), "upload");
}

/** What cannot be opened, or is none, is an upload that nobody can go on with. */
export function unsealed(place: UploadPlace, sealed: string): UploadState | undefined {
  try {
    const { url, received } = JSON.parse(open(sealed, sealPlace(place))) as Partial<UploadState>;
    return url !== undefined && received !== undefined ? { url, received } : undefined;
  } catch (error) {
    if (!(error instanceof SecretError)) {
      throw error;
    }
    return undefined;
  }
}
