import type { Content } from "./repository.ts";
import { spend } from "./spent.ts";

/** A chunk is gathered no longer than this: content that is held to few bytes a second goes on evenly, not in bursts. */
const GATHER_MS = 2_000;
/** Smaller chunks are more requests than they are worth. */
const LEAST_BYTES = 512 * 1024;

/** Gathers content into chunks, in two halves of a memory by turns: a chunk stays as it is while the next one is gathered. */
export class ChunkReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #leastBytes: number;
  readonly #halves: [Uint8Array, Uint8Array];
  /** What came and had no room any more. */
  #over: Uint8Array = EMPTY;
  #ended = false;

  /** @param leastBytes what every chunk but the last has at least */
  constructor(content: Content, memory: Uint8Array, leastBytes = 0) {
    this.#leastBytes = Math.max(leastBytes, LEAST_BYTES);
    this.#iterator = content[Symbol.asyncIterator]();
    const half = Math.floor(memory.byteLength / 2);
    this.#halves = [memory.subarray(0, half), memory.subarray(half, 2 * half)];
  }

  /**
   * The next chunk: full, or what came in two seconds, or what is left; undefined at the end.
   * @param mostBytes of it, as long as a chunk may be so small
   * @throws what the content throws
   */
  next(mostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    return this.#gather(GATHER_MS, mostBytes);
  }

  /** The beginning of what comes, no more than a chunk must have: for whoever will most likely send on what follows as it comes. */
  beginning(): Promise<Uint8Array | undefined> {
    return this.#gather(0, this.#leastBytes);
  }

  async #gather(forMs: number, mostBytes: number): Promise<Uint8Array | undefined> {
    const memory = this.#halves[0].subarray(0, Math.max(mostBytes, this.#leastBytes));
    this.#halves.reverse();
    const lateMs = performance.now() + forMs;
    let filled = 0;
    while (filled < memory.byteLength && (filled < this.#leastBytes || performance.now() < lateMs)) {
      const bytes = this.#over.byteLength > 0 ? this.#over : await this.#more();
      if (!bytes) {
        break;
      }
      const fits = bytes.subarray(0, memory.byteLength - filled);
      memory.set(fits, filled);
      filled += fits.byteLength;
      this.#over = bytes.subarray(fits.byteLength);
      if (this.#over.byteLength === 0) {
        spend(bytes);
        this.#over = EMPTY;
      }
    }
    return filled === 0 ? undefined : memory.subarray(0, filled);
  }

  /** This chunk and what follows it, so many bytes in all, as they come. */
  async *run(chunk: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
    yield* pieces(chunk);
    for (let left = length - chunk.byteLength; left > 0; ) {
      const bytes = this.#over.byteLength > 0 ? this.#over : await this.#more();
      if (!bytes) {
        return;
      }
      this.#over = bytes.subarray(left);
      left -= bytes.byteLength - this.#over.byteLength;
      yield this.#over.byteLength > 0 ? bytes.subarray(0, -this.#over.byteLength) : bytes;
    }
  }

  /** These chunks, then all that follows them; closes with it. */
  async *rest(...chunks: (Uint8Array | undefined)[]): AsyncGenerator<Uint8Array> {
    try {
      for (const chunk of chunks) {
        if (chunk) {
          // The memory may be somebody else's before it is sent.
          yield* pieces(chunk.slice());
        }
      }
      for (let bytes: Uint8Array | undefined = this.#over; bytes; bytes = await this.#more()) {
        if (bytes.byteLength > 0) {
          yield bytes;
        }
      }
    } finally {
      await this.close();
    }
  }

  /** Gives the rest of the content up. */
  async close(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      await this.#iterator.return?.();
    }
  }

  async #more(): Promise<Uint8Array | undefined> {
    if (this.#ended) {
      return undefined;
    }
    try {
      const { done, value } = await this.#iterator.next();
      // Who gave it up meanwhile has given the memory back.
      this.#ended ||= done === true;
      return this.#ended ? undefined : value;
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }
}

const EMPTY = new Uint8Array(0);
const PIECE_BYTES = 64 * 1024;

/** So that where the network stands still is noticed. */
export async function* pieces(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
    yield chunk.subarray(at, at + PIECE_BYTES);
  }
}
