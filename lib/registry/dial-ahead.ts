import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** As many as the tags that are under way at once. */
const AHEAD = 16;
/** What nobody has used by then is closed. */
const UNUSED_MS = 5_000;

type Options = buildConnector.Options;

/**
 * Dials as it is told to, and some connections before there are requests for them: at a distant host each costs a round trip, during
 * which the first answers are on their way. All come from `dial`, with whatever it refuses; requests get them as if dialled for them.
 */
export class DialAhead {
  readonly #dial: buildConnector.connector;
  /** By host; with each what gives it up. */
  readonly #ready = new Map<string, Map<Socket, () => void>>();
  #closed = false;

  constructor(dial: buildConnector.connector) {
    this.#dial = dial;
  }

  /** For undici. */
  readonly connect: buildConnector.connector = (options, callback) => {
    const [socket] = this.#ready.get(keyOf(options))?.keys() ?? [];
    if (socket) {
      this.#release(keyOf(options), socket);
      socket.ref();
      queueMicrotask(() => callback(null, socket));
    } else {
      this.#dial(options, callback);
    }
  };

  /** Dials a host that will be asked. Whoever asks hears of failures. */
  begin({ protocol, hostname, port, host }: URL): void {
    const options = { protocol, hostname, host, port } as Options;
    for (let made = 0; made < AHEAD; made++) {
      this.#dial(options, (error, socket) => {
        if (!error) {
          this.#keep(options, socket);
        }
      });
    }
  }

  close(): void {
    this.#closed = true;
    for (const drop of [...this.#ready.values()].flatMap((sockets) => [...sockets.values()])) {
      drop();
    }
  }

  #keep(options: Options, socket: Socket): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    const key = keyOf(options);
    const sockets = this.#ready.get(key) ?? new Map<Socket, () => void>();
    const drop = () => {
      this.#release(key, socket);
      socket.destroy();
    };
    this.#ready.set(key, sockets.set(socket, drop));
    socket.once("error", drop).once("close", drop).once("end", drop).setTimeout(UNUSED_MS, drop);
    // An idle connection keeps no process running.
    socket.unref();
  }

  #release(key: string, socket: Socket): void {
    const drop = this.#ready.get(key)?.get(socket);
    if (drop) {
      this.#ready.get(key)?.delete(socket);
      socket.off("error", drop).off("close", drop).off("end", drop).off("timeout", drop).setTimeout(0);
    }
  }
}

function keyOf({ protocol, host }: Options): string {
  return `${protocol}//${host}`;
}
