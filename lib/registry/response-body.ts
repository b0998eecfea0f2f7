import type { TransportError } from "./errors.ts";
import type { Flow } from "./http/receiver.ts";
import { PATIENCE } from "./patience.ts";

/**
 * Bytes kept for a reader that is slower than the network; then the network has to wait. More than one large read of it: to wait
 * and to begin again after each costs more than the read.
 */
const QUEUE_BYTES = 1024 * 1024;
/** Slow-loris guard: over a window of waiting for the network, fewer bytes than this a second end the read. */
const MIN_RATE_BYTES = 512;

/**
 * The body of one response: read once, chunk by chunk as the reader asks, so back-pressure reaches the sender; or as a
 * whole within a limit; or not at all. Whoever does not read it to the end cancels it.
 */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #flow: Flow;
  readonly #slow: () => TransportError;
  readonly #slowWindowMs: number;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #paused = false;
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;
  #settled: (() => void) | undefined;
  #waitedMs = 0;
  #windowBytes = 0;

  constructor(flow: Flow, slow: () => TransportError, slowWindowMs = PATIENCE.slowWindowMs) {
    this.#flow = flow;
    this.#slow = slow;
    this.#slowWindowMs = slowWindowMs;
  }

  /** From the connection: bytes came. */
  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    if (this.#queued >= QUEUE_BYTES && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  /** From the connection: that was all. */
  end(): void {
    this.#ended = true;
    this.#settle();
  }

  /** From the connection: it broke. What came before is still handed out. */
  fail(error: unknown): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#failure = error;
      this.#settle();
    }
  }

  /** The connection has nothing more to give. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It has ended, and was read to its end. */
  get empty(): boolean {
    return this.#ended && this.#queue.length === 0;
  }

  /** Called once, when the connection has nothing more to give. */
  whenSettled(settled: () => void): void {
    if (this.#ended) {
      settled();
    } else {
      this.#settled = settled;
    }
  }

  /**
   * Gives the rest up. The connection is closed unless the body has ended.
   * @param reason what a reader that is still waiting gets
   */
  cancel(because?: Error): void {
    this.#queue.length = 0;
    this.#queued = 0;
    if (!this.#ended) {
      // Most bodies have ended when they are given up: an error, with its stack, is made for the others alone.
      const reason = because ?? new Error("the reader gave up");
      this.fail(reason);
      this.#flow.abort(reason);
    }
  }

  /**
   * The whole body, in memory of its own: whoever keeps it keeps nothing else.
   * @param limit bytes
   * @param tooLong makes the error for a longer body
   */
  async bytes(limit: number, tooLong: () => Error): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this) {
      length += chunk.byteLength;
      if (length > limit) {
        throw tooLong();
      }
      chunks.push(chunk);
    }
    return joined(chunks, length);
  }

  /** Up to `limit` bytes, then the rest is given up. Never throws: for the text of an error that is known already. */
  async excerpt(limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of this) {
        chunks.push(chunk);
        length += chunk.byteLength;
        if (length >= limit) {
          break;
        }
      }
    } catch {
      // What came is all there will be.
    }
    return Buffer.concat(chunks).subarray(0, limit);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.cancel();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#queue.length === 0 && !this.#ended) {
      await this.#more();
    }
    const chunk = this.#queue.shift();
    if (chunk) {
      this.#queued -= chunk.byteLength;
      if (this.#paused && this.#queued < QUEUE_BYTES / 2) {
        this.#paused = false;
        this.#flow.resume();
      }
      return { done: false, value: chunk };
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    return { done: true, value: undefined };
  }

  /** Waits for the network, and gives up on one that only trickles. */
  async #more(): Promise<void> {
    const since = performance.now();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    this.#waitedMs += performance.now() - since;
    this.#windowBytes += this.#queued;
    if (this.#waitedMs >= this.#slowWindowMs) {
      if (this.#windowBytes < (MIN_RATE_BYTES * this.#slowWindowMs) / 1000 && !this.#ended) {
        this.cancel(this.#slow());
      }
      this.#waitedMs = 0;
      this.#windowBytes = 0;
    }
  }

  #settle(): void {
    this.#wake?.();
    this.#settled?.();
    this.#settled = undefined;
  }
}

/** `Buffer.concat` puts what is small among other small things, which all stay where one of them is kept. */
function joined(chunks: readonly Uint8Array[], length: number): Buffer {
  const [first] = chunks;
  if (first?.byteLength === length && first.buffer.byteLength === length) {
    return Buffer.from(first.buffer as ArrayBuffer);
  }
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
