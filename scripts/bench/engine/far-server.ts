import { createServer, connect as dial, type Socket } from "node:net";

/** So much may be on its way in one direction of a connection; a sender that is faster waits. */
const IN_FLIGHT_BYTES = 16 * 1024 * 1024;

/** Listens for whoever is to find the server at `targetPort` far away, as slow-link.ts says. @returns its port */
export async function serveFarAway(targetPort: number, oneWayMs: number): Promise<number> {
  const server = createServer({ noDelay: true }, (near) => {
    const far = dial({ port: targetPort, host: "127.0.0.1", noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", (broken) => {
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
  return typeof address === "object" && address ? address.port : 0;
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
  /** What is due goes in one write. */
  const deliver = (): void => {
    timer = undefined;
    to.cork();
    for (let next = onTheWay[0]; next && next.dueMs <= performance.now() + 0.5; next = onTheWay[0]) {
      onTheWay.shift();
      inFlight -= next.bytes?.length ?? 0;
      if (next.bytes === null) {
        to.end();
      } else if (!to.destroyed) {
        to.write(next.bytes);
      }
    }
    to.uncork();
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
  // The receiver was full: what follows has waited, and so has the sender in the end.
  to.on("drain", wait);
  from.on("data", send);
  from.on("end", () => send(null));
}
