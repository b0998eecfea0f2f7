import { createServer, connect as dial, type Socket } from "node:net";

/** Type, length and content, protocol 3: "BackendKeyData (B)". */
const BACKEND_KEY_DATA = "K".charCodeAt(0);
const HEADER_BYTES = 5;
const GREETED_AS = 1;

/**
 * Stands before a Postgres as a pooler does for which a client is not the same as a session: it greets with a process of its own making,
 * since canceling a statement means asking it. What is said otherwise passes unchanged, one session a client.
 */
export async function greetingPooler(targetPort: number): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = dial(targetPort, "127.0.0.1");
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
    inside.pipe(outside);
    const greeting = greetedAnew();
    outside.on("data", (bytes) => inside.write(greeting(bytes)));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** Passes on what a server says, message by message until it has named its process: another one instead. */
function greetedAnew(): (bytes: Buffer) => Buffer {
  let held = Buffer.alloc(0);
  let greeted = false;
  return (bytes) => {
    if (greeted) {
      return bytes;
    }
    held = Buffer.concat([held, bytes]);
    let end = 0;
    while (!greeted && held.length >= end + HEADER_BYTES && held.length >= endOf(held, end)) {
      if (held[end] === BACKEND_KEY_DATA) {
        held.writeInt32BE(GREETED_AS, end + HEADER_BYTES);
        greeted = true;
      }
      end = endOf(held, end);
    }
    const passed = held.subarray(0, greeted ? held.length : end);
    held = held.subarray(passed.length);
    return passed;
  };
}

/** The length counts itself, but not the type. */
function endOf(messages: Buffer, at: number): number {
  return at + 1 + messages.readInt32BE(at + 1);
}
