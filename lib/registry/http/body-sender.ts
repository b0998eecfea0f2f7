import type { Socket } from "node:net";
import { HttpError } from "./http-error.ts";
import { writeRequest } from "./write-request.ts";

export interface Sending {
  readonly socket: Socket;
  /** Goes with the first bytes: what never begins leaves no half of a request. */
  readonly head: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly length: number;
}

/** Sends a request whose body streams, as fast as the other side takes it, and exactly as many bytes as were announced. */
export class BodySender {
  readonly #sending: Sending;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #stopped = false;
  #done = false;
  #wake: (() => void) | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
    this.#iterator = sending.content[Symbol.asyncIterator]();
  }

  /** The other side has taken what there was, and there is more to come. */
  get waitsForContent(): boolean {
    return !this.#done && !this.#sending.socket.writableNeedDrain;
  }

  /** All was handed to the socket. */
  get done(): boolean {
    return this.#done;
  }

  /**
   * @param accepted called when the other side begins to be waited for: with a buffer full of bytes, then when it has taken them, and
   *   at the end
   * @throws what the content throws, HttpError WRONG_LENGTH; nothing once it was stopped
   */
  async run(accepted: () => void): Promise<void> {
    const { socket, head, length } = this.#sending;
    let left = length;
    let first = true;
    try {
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (this.#stopped) {
          return;
        }
        left -= done ? 0 : value.byteLength;
        if (done ? left !== 0 : !(left >= 0)) {
          throw new HttpError("WRONG_LENGTH", `the content has not the ${length} bytes that were announced`);
        }
        if (done || value.byteLength > 0) {
          const room = this.#write(first ? head : "", done ? undefined : value);
          first = false;
          if (!room && !done) {
            accepted();
            await this.#drained();
            accepted();
          }
        }
        if (done) {
          this.#done = true;
          accepted();
          return;
        }
      }
    } catch (error) {
      if (!this.#stopped) {
        throw error;
      }
    } finally {
      socket.off("drain", this.#onDrain);
    }
  }

  /** The exchange is over, or given up: no more of the content is wanted. Whoever makes it may be waiting for a slow network. */
  stop(): void {
    if (!this.#stopped) {
      this.#stopped = true;
      this.#wake?.();
      void this.#iterator.return?.().catch(() => undefined);
    }
  }

  #write(head: string, bytes: Uint8Array | undefined): boolean {
    const { socket } = this.#sending;
    return head === "" ? bytes === undefined || socket.write(bytes) : writeRequest(socket, head, bytes);
  }

  readonly #onDrain = (): void => this.#wake?.();

  async #drained(): Promise<void> {
    this.#sending.socket.once("drain", this.#onDrain);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
