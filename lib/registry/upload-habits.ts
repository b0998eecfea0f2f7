import { RegistryError } from "./errors.ts";

const MIB = 1024 * 1024;

/** When a blob goes in chunks, and how large these are. */
export interface ChunkSizes {
  /** Up to this size one PUT is cheaper, and little is lost with it. */
  thresholdBytes: number;
  /** Of a chunk, where memory allows it and the registry asks for no more. */
  chunkBytes: number;
  /** From so many bytes a second on a chunk is as large as what passes in two seconds. */
  runsFromBytesPerS: number;
}

/** Two chunks are in memory at once, and a worker has 160 MiB in all. */
export const CHUNK_SIZES: ChunkSizes = {
  thresholdBytes: 32 * MIB,
  chunkBytes: 8 * MIB,
  runsFromBytesPerS: 64 * MIB,
};

/** Whoever refuses so little as too large takes no blobs; bytes. */
const LEAST_BODY_BYTES = 128 * 1024;

/** First chunks in a row that found their upload gone: once is a restart of the registry, twice is its way to refuse. */
const LOST_TO_REFUSE = 2;

/** What one registry has shown of how it takes uploads, as long as its client lives. */
export class UploadHabits {
  readonly sizes: ChunkSizes;
  #chunks: "untried" | "taken" | "refused" = "untried";
  #lost = 0;
  #mostBytes = Number.POSITIVE_INFINITY;

  constructor(sizes: Partial<ChunkSizes> = {}) {
    this.sizes = { ...CHUNK_SIZES, ...sizes };
  }

  /** Whether a blob of this size is to go in chunks. */
  chunked(sizeBytes: number): boolean {
    const large = sizeBytes > this.sizes.thresholdBytes && this.#chunks !== "refused";
    return large || this.tooLargeAsOne(sizeBytes);
  }

  /** Whether so many bytes go in chunks or not at all. */
  tooLargeAsOne(bytes: number): boolean {
    return bytes > this.#mostBytes && this.#chunks !== "refused";
  }

  /** What one request may carry, as far as refusals have told; bytes, Infinity while nothing was refused. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  /**
   * A request with so many bytes was refused for its size: by the registry, or by a proxy before it, whose limit nobody states.
   * @returns whether smaller ones are worth trying
   */
  tooLarge(bytes: number): boolean {
    if (this.#chunks === "refused" || bytes <= LEAST_BODY_BYTES) {
      return false;
    }
    this.#mostBytes = Math.min(this.#mostBytes, Math.max(LEAST_BODY_BYTES, Math.floor(bytes / 2)));
    return true;
  }

  /** A chunk was taken. */
  taken(): void {
    this.#lost = 0;
    if (this.#chunks === "untried") {
      this.#chunks = "taken";
    }
  }

  /** It does not take chunks, or makes another blob of them: one PUT from now on. */
  refused(): void {
    this.#chunks = "refused";
  }

  /**
   * The very first chunk of an upload was answered with this status. @returns whether that is a refusal of chunks as such
   * (T25: some registries have none) and not of this one
   */
  refuses(status: number, uploadLost: boolean): boolean {
    if (this.#chunks === "taken") {
      return false;
    }
    if (uploadLost) {
      this.#lost += 1;
    }
    const refusal = uploadLost ? this.#lost >= LOST_TO_REFUSE : REFUSALS.has(status);
    if (refusal) {
      this.refused();
    }
    return refusal;
  }
}

/** Whether it was the size of the request that was refused, and not what an account may hold. */
export function isTooLarge(error: unknown): error is RegistryError {
  const refusedSize = error instanceof RegistryError && error.status === 413;
  return refusedSize && ["SIZE_INVALID", "UNKNOWN"].includes(error.code) && !/quota/i.test(error.detail);
}

const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 411, 415, 416, 501]);
