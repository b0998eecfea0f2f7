import { createServer, connect as dial, type Socket } from "node:net";

/** A way to a server that is far away. */
export interface SlowLink {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  close(): Promise<void>;
}

/** So much may be on its way in one direction of a connection; a sender that is faster waits. */
const IN_FLIGHT_BYTES = 16 * 1024 * 1024;

/**
 * Everything arrives `oneWayMs` later than it was sent, in both directions, and the first bytes of a connection one round trip later
 * still, as if it had had to be opened first. A delay and no throttle: bytes that are sent together arrive together.
 */
export async function openSlowLink(targetPort: number, oneWayMs: number): Promise<SlowLink> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = dial({ port: targetPort, host: "127.0.0.1", noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", (broken) => {
        sockets.delete(one);
        if (broken) {
          other.destroy();
        }
      });
    }
    carry(near, far, oneWayMs, performance.now() + 3 * oneWayMs);
    carry(far, near, oneWayMs, 0);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    close: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

interface Parcel {
  readonly dueMs: number;
  /** null: the sender has ended. */
  readonly bytes: Buffer | null;
}

/** @param notBefore nothing arrives earlier; by the clock of `performance` */
function carry(from: Socket, to: Socket, oneWayMs: number, notBefore: number): void {
  const onTheWay: Parcel[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = (): void => {
    timer = undefined;
    for (let next = onTheWay[0]; next && next.dueMs <= performance.now() + 0.5; next = onTheWay[0]) {
      onTheWay.shift();
      inFlight -= next.bytes?.length ?? 0;
      if (next.bytes === null) {
        to.end();
      } else if (!to.destroyed && !to.write(next.bytes)) {
        // The receiver is full: what follows waits, and so does the sender in the end.
        to.once("drain", deliver);
        return;
      }
    }
    if (inFlight <= IN_FLIGHT_BYTES) {
      from.resume();
    }
    wait();
  };
  const wait = (): void => {
    const next = onTheWay[0];
    if (next && timer === undefined && !to.writableNeedDrain) {
      timer = setTimeout(deliver, Math.max(0, next.dueMs - performance.now()));
    }
  };
  const send = (bytes: Buffer | null): void => {
    onTheWay.push({ bytes, dueMs: Math.max(notBefore, performance.now() + oneWayMs) });
    inFlight += bytes?.length ?? 0;
    if (inFlight > IN_FLIGHT_BYTES) {
      from.pause();
    }
    wait();
  };
  from.on("data", send);
  from.on("end", () => send(null));
}
