import { createServer, connect as dial, type Socket } from "node:net";

/** A TCP relay before a server that can fall silent: connections stay open, nothing passes. */
export interface TcpProxy {
  readonly port: number;
  /** From now on nothing passes, in either direction, and nobody is told. New connections are accepted and ignored. */
  stall(): void;
  /** Resets every connection that is open. */
  cut(): void;
  /** New connections pass again; those that stalled stay lost, as after a router forgot them. */
  resume(): void;
  close(): Promise<void>;
}

export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((inside) => {
    sockets.add(inside);
    inside.on("error", () => undefined);
    if (stalled) {
      return;
    }
    const outside = dial(targetPort, "127.0.0.1");
    sockets.add(outside);
    outside.on("error", () => inside.destroy());
    inside.on("close", () => outside.destroy());
    outside.on("close", () => inside.destroy());
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    stall() {
      stalled = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    cut() {
      for (const socket of sockets) {
        socket.resetAndDestroy();
      }
      sockets.clear();
    },
    resume() {
      stalled = false;
    },
    close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((done) => server.close(() => done()));
    },
  };
}
