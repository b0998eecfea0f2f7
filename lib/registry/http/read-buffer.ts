import type { OnReadOpts } from "node:net";
import { largeMemory, own } from "../spent.ts";

const SMALL_BYTES = 64 * 1024;
/** Below half of a buffer, bytes are cheaper copied than kept. */
const KEEP_PART = 0.5;

/**
 * Where a socket puts what it reads: one buffer, used again and again, unless its content is handed on as it is. While what comes fills
 * it, a large one: an eighth of the reads, and of all that each chunk costs on its way.
 */
export class ReadBuffer {
  #buffer = Buffer.allocUnsafeSlow(SMALL_BYTES);
  #kept = false;
  #filled = false;

  /** For `connect`. @param take reads what came, before it returns; false: nothing more for now */
  options(take: (bytes: Buffer) => boolean): OnReadOpts {
    return {
      buffer: () => this.#next(),
      callback: (count) => {
        this.#filled = count === this.#buffer.byteLength;
        return take(this.#buffer.subarray(0, count));
      },
    };
  }

  /** A part of what came, for whoever reads it later: the buffer itself where most of it is that, else a copy. */
  chunk(bytes: Buffer, start: number, end: number): Uint8Array {
    const length = end - start;
    if (start === 0 && !this.#kept && length >= this.#buffer.byteLength * KEEP_PART) {
      this.#kept = true;
      return own(bytes.subarray(0, end));
    }
    const copy = Buffer.allocUnsafeSlow(length);
    bytes.copy(copy, 0, start, end);
    return copy;
  }

  #next(): Buffer {
    if (this.#kept) {
      this.#buffer = this.#filled ? largeMemory() : Buffer.allocUnsafeSlow(SMALL_BYTES);
      this.#kept = false;
    }
    return this.#buffer;
  }
}
