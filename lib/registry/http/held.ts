import type { Connection } from "./connection.ts";
import type { Flow, Receiver } from "./receiver.ts";

/** A connection, for the receiver that it serves. */
export class Held implements Flow {
  readonly #connection: Connection;
  readonly #receiver: Receiver;

  constructor(connection: Connection, receiver: Receiver) {
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
