import type { OnReadOpts, Socket } from "node:net";
import { Connection, type ConnectionTimes, type Owner } from "./connection.ts";
import { HttpError } from "./http-error.ts";
import type { Receiver } from "./receiver.ts";
import { type HttpRequest, requestHead } from "./request-head.ts";

/** Where a connection leads. */
export type Place = Pick<URL, "protocol" | "hostname" | "port">;

/** Opens a connection and tells of it, later than it returns. @returns what gives it up; then nothing is told any more */
export type Dial = (
  place: Place,
  onread: OnReadOpts,
  told: (error: Error | null, socket: Socket | null) => void,
) => () => void;

interface Waiting {
  readonly head: string;
  readonly request: HttpRequest;
  readonly receiver: Receiver;
  carrier?: Connection;
}

/**
 * Connections to one origin: as many as there are requests at once, each used again as long as it lives. How many requests there
 * are is bounded by whoever asks.
 */
export class Pool implements Owner {
  readonly #place: Place;
  readonly #dial: Dial;
  readonly #times: ConnectionTimes;
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting: Waiting[] = [];
  readonly #dialling = new Set<() => void>();

  constructor(place: Place, dial: Dial, times: ConnectionTimes) {
    this.#place = place;
    this.#dial = dial;
    this.#times = times;
  }

  /**
   * Sends a request as soon as there is a connection for it.
   * @returns what gives it up; its receiver is told the reason
   * @throws {TypeError} when it cannot be said
   */
  run(request: HttpRequest, receiver: Receiver): (reason: unknown) => void {
    const waiting: Waiting = { head: requestHead(request), request, receiver };
    const connection = this.#taken();
    if (connection) {
      begin(connection, waiting);
    } else {
      this.#waiting.push(waiting);
      this.#dialEnough();
    }
    return (reason) => {
      const at = this.#waiting.indexOf(waiting);
      if (at === -1) {
        waiting.carrier?.abort(receiver, reason);
      } else {
        this.#waiting.splice(at, 1);
        receiver.onError(reason, false);
      }
    };
  }

  /** Opens connections that will be needed, so that requests do not wait for them. Whoever asks then hears of failures. */
  dialAhead(count: number): void {
    for (let made = this.#all.size + this.#dialling.size; made < count; made += 1) {
      this.#open();
    }
  }

  /** Ends all that is under way. */
  close(): void {
    const closed = new HttpError("CLOSED", "the client was closed");
    for (const giveUp of this.#dialling) {
      giveUp();
    }
    this.#dialling.clear();
    for (const connection of [...this.#all]) {
      connection.close(closed);
    }
    for (const { receiver } of this.#waiting.splice(0)) {
      receiver.onError(closed, false);
    }
  }

  onFree(connection: Connection): void {
    if (!this.#serves(connection)) {
      this.#free.push(connection);
    }
  }

  onGone(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#free.indexOf(connection);
    if (at !== -1) {
      this.#free.splice(at, 1);
    }
  }

  /** @returns false: nobody waits, it comes to rest */
  #serves(connection: Connection): boolean {
    const next = this.#waiting.shift();
    if (next) {
      begin(connection, next);
      return true;
    }
    connection.rest();
    return false;
  }

  /** The one that was used last: the others may come to rest for good. */
  #taken(): Connection | undefined {
    for (let connection = this.#free.pop(); connection; connection = this.#free.pop()) {
      if (connection.usable) {
        return connection;
      }
    }
    return undefined;
  }

  #dialEnough(): void {
    while (this.#waiting.length > this.#dialling.size) {
      this.#open();
    }
  }

  #open(): void {
    const connection = new Connection(this, this.#times);
    const giveUp = this.#dial(this.#place, connection.onread, (error, socket) => {
      this.#dialling.delete(giveUp);
      if (socket) {
        this.#all.add(connection);
        connection.attach(socket);
        if (!this.#serves(connection)) {
          // It is taken last: others have proved that they carry answers.
          this.#free.unshift(connection);
        }
      } else if (this.#waiting.length > this.#dialling.size) {
        // All lead to one place: whoever has waited longest hears why there are fewer than are waited for.
        this.#waiting.shift()?.receiver.onError(error, false);
      }
    });
    this.#dialling.add(giveUp);
  }
}

function begin(connection: Connection, waiting: Waiting): void {
  waiting.carrier = connection;
  connection.send(waiting.head, waiting.request, waiting.receiver);
}
