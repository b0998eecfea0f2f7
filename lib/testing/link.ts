import { createServer, connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The way to a server, which can be narrow, interrupted or closed. */
export interface Link {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** All answers together take so long; null: as fast as they come. */
  limit(bytesPerSecond: number | null): void;
  /** Resets every connection that is open. */
  reset(): void;
  /** While on, connections are reset the moment they are made. */
  refuse(on: boolean): void;
  /** While on, nothing passes in either direction and nobody is told; afterwards it goes on where it was. */
  stall(on: boolean): void;
  /** While on, requests reach the server and its answers stay here. */
  holdAnswers(on: boolean): void;
  /** Bytes of answers so far. */
  carriedBytes(): number;
  close(): Promise<void>;
}

/** Opens a way to a server of the loopback. */
export async function openLink(targetPort: number): Promise<Link> {
  const sockets = new Set<Socket>();
  const gates = { all: openGate(), answers: openGate() };
  let bytesPerSecond: number | null = null;
  let freeAtMs = 0;
  let carried = 0;
  let refusing = false;

  const passRequest = () => gates.all.passed();
  async function passAnswer(bytes: number): Promise<void> {
    await gates.all.passed();
    await gates.answers.passed();
    if (bytesPerSecond !== null) {
      freeAtMs = Math.max(Date.now(), freeAtMs) + (bytes / bytesPerSecond) * 1000;
      await sleep(Math.max(0, freeAtMs - Date.now()));
    }
    carried += bytes;
  }
  const server = createServer((inside) => {
    if (refusing) {
      inside.on("error", () => undefined).resetAndDestroy();
      return;
    }
    const outside = dial(targetPort, "127.0.0.1");
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    carry(inside, outside, passRequest);
    carry(outside, inside, passAnswer);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    limit: (rate) => {
      bytesPerSecond = rate;
    },
    reset: () => {
      for (const socket of sockets) {
        socket.resetAndDestroy();
      }
    },
    refuse: (on) => {
      refusing = on;
    },
    stall: (on) => gates.all.close(on),
    holdAnswers: (on) => gates.answers.close(on),
    carriedBytes: () => carried,
    close: () => {
      gates.all.close(false);
      gates.answers.close(false);
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** Hands on piece by piece: the sender waits while a piece may not pass or the receiver is full. */
function carry(from: Socket, to: Socket, pass: (bytes: number) => Promise<void>): void {
  let last: Promise<void> = Promise.resolve();
  from.on("data", (piece: Buffer) => {
    from.pause();
    last = pass(piece.length).then(() => {
      if (to.destroyed || to.write(piece)) {
        from.resume();
      } else {
        to.once("drain", () => from.resume());
      }
    });
  });
  from.on("end", () => void last.then(() => to.end()));
}

function openGate() {
  let closed: PromiseWithResolvers<void> | null = null;
  return {
    passed: () => closed?.promise ?? Promise.resolve(),
    close(on: boolean): void {
      if (on) {
        closed ??= Promise.withResolvers();
      } else {
        closed?.resolve();
        closed = null;
      }
    },
  };
}
