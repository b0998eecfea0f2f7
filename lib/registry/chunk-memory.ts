const MIB = 1024 * 1024;
/** Of all chunks that this process gathers at once. A worker has 160 MiB in all. */
const BUDGET_BYTES = 32 * MIB;
/** Smaller chunks are more requests than they are worth. */
const LEAST_BYTES = MIB;

/** Of one half, for whoever cannot do without. */
const SMALLEST_BYTES = 256 * 1024;

/** Memory for two chunks, one on its way and one that is gathered meanwhile. Given back with `release`. */
export interface ChunkRoom {
  readonly bytes: Uint8Array;
  release(): void;
}

/**
 * Room for the chunks of uploads. The first has as much as it wants; the more there are the less each gets, so that several
 * large blobs at once go in chunks and memory stays flat. Whoever gets none sends its blob as one.
 */
export class ChunkMemory {
  #left: number;

  constructor(budgetBytes: number = BUDGET_BYTES) {
    this.#left = budgetBytes;
  }

  /**
   * @param wanted bytes of a chunk
   * @param least what the registry asks for at least, bytes; 0 where it does not ask
   * @returns undefined when there is not enough left
   */
  take(wanted: number, least: number): ChunkRoom | undefined {
    const share = 2 ** Math.floor(Math.log2(this.#left / 4));
    const size = 2 * Math.max(least, Math.min(wanted, Math.max(LEAST_BYTES, share)));
    if (size > this.#left) {
      return undefined;
    }
    this.#left -= size;
    let held = true;
    return {
      // Memory of its own, outside of the pool that small buffers share.
      bytes: new Uint8Array(size),
      release: () => {
        this.#left += held ? size : 0;
        held = false;
      },
    };
  }

  /** As `take`, for a blob that its registry does not take as one: a little beyond the budget when nothing is left. */
  takeSurely(wanted: number, least: number): ChunkRoom {
    const smallest = () => new Uint8Array(2 * Math.min(wanted, SMALLEST_BYTES));
    return this.take(wanted, least) ?? { bytes: smallest(), release: () => undefined };
  }
}

/** Of this process. */
export const chunkMemory = new ChunkMemory();
