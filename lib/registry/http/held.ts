import type { Flow, Receiver } from "./receiver.ts";

/** A connection: it hears of the receiver that it serves, and of no other. */
interface Holder {
  pause(by: Receiver): void;
  resume(by: Receiver): void;
  abort(by: Receiver, reason: unknown): void;
}

/** A connection, for the receiver that it serves. */
export class Held implements Flow {
  readonly #connection: Holder;
  readonly #receiver: Receiver;

  constructor(connection: Holder, receiver: Receiver) {
    this.#connection = connection;
    this.#receiver = receiver;
  }

  pause(): void {
    this.#connection.pause(this.#receiver);
  }

  resume(): void {
    this.#connection.resume(this.#receiver);
  }

  abort(reason: Error): void {
    this.#connection.abort(this.#receiver, reason);
  }
}
