import type { OnReadOpts, Socket } from "node:net";
import { Connection, type ConnectionTimes, type Owner } from "./connection.ts";
import { HttpError } from "./http-error.ts";
import type { Receiver } from "./receiver.ts";
import { type Fields, type HttpRequest, requestHead } from "./request-head.ts";

/** Where a connection leads. */
export type Place = Pick<URL, "protocol" | "hostname" | "port">;

/** Opens a connection and tells of it, later than it returns. @returns what gives it up; then nothing is told any more */
export type Dial = (
  place: Place,
  onread: OnReadOpts,
  told: (error: Error | null, socket: Socket | null) => void,
) => () => void;

export interface PoolOptions {
  readonly place: Place;
  /** Fields of every request. */
  readonly common: Fields;
  readonly dial: Dial;
  readonly times: ConnectionTimes;
}

/**
 * Connections to one origin: as many as there are requests at once, each used again as long as it lives. How many requests there
 * are is bounded by whoever asks.
 */
export class Pool implements Owner {
  readonly #options: PoolOptions;
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting: Errand[] = [];
  readonly #dialling = new Set<() => void>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Sends a request as soon as there is a connection for it.
   * @throws {TypeError} when it cannot be said
   */
  run(request: HttpRequest, receiver: Receiver): Errand {
    const head = requestHead(this.#options.common, request);
    const errand = new Errand({ head, request, receiver }, this.#waiting);
    const connection = this.#taken();
    if (connection) {
      errand.begin(connection);
    } else {
      this.#waiting.push(errand);
      this.#dialEnough();
    }
    return errand;
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
    for (const errand of this.#waiting.splice(0)) {
      errand.fail(closed);
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
      next.begin(connection);
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
    const connection = new Connection(this, this.#options.times);
    const giveUp = this.#options.dial(this.#options.place, connection.onread, (error, socket) => {
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
        this.#waiting.shift()?.fail(error);
      }
    });
    this.#dialling.add(giveUp);
  }
}

interface Sending {
  readonly head: string;
  readonly request: HttpRequest;
  readonly receiver: Receiver;
}

/** One request, from when it is asked for until its answer has ended. */
export class Errand {
  readonly #sending: Sending;
  readonly #waiting: Errand[];
  #carrier: Connection | undefined;

  /** @param waiting those that no connection has yet; this one may be among them */
  constructor(sending: Sending, waiting: Errand[]) {
    this.#sending = sending;
    this.#waiting = waiting;
  }

  begin(connection: Connection): void {
    const { head, request, receiver } = this.#sending;
    this.#carrier = connection;
    connection.send(head, request, receiver);
  }

  /** Ends it, wherever it is; its receiver is told the reason. */
  giveUp(reason: unknown): void {
    if (this.#carrier) {
      this.#carrier.abort(this.#sending.receiver, reason);
      return;
    }
    const at = this.#waiting.indexOf(this);
    if (at !== -1) {
      this.#waiting.splice(at, 1);
      this.fail(reason);
    }
  }

  /** It was never sent. */
  fail(error: unknown): void {
    this.#sending.receiver.onError(error, false);
  }
}
