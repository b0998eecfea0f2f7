import { createServer, connect as dial, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openSlowLink } from "./slow-link.ts";

const ONE_WAY_MS = 30;

test("everything arrives as it was sent, later by the way there and back, and the first time by a round trip more", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined).pipe(socket));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const link = await openSlowLink(typeof address === "object" && address ? address.port : 0, ONE_WAY_MS);
  const socket = dial(Number(link.host.split(":")[1]), "127.0.0.1");
  try {
    // Timers may come a millisecond early.
    expect(await echoMs(socket, Buffer.from("hello"))).toBeGreaterThanOrEqual(4 * ONE_WAY_MS - 5);
    expect(await echoMs(socket, Buffer.from("again"))).toBeGreaterThanOrEqual(2 * ONE_WAY_MS - 5);
    await echoMs(socket, Buffer.alloc(40 * 1024 * 1024, "0123456789"));
  } finally {
    socket.destroy();
    await link.close();
    server.close();
  }
});

/** Sends bytes and waits until the same have come back. */
async function echoMs(socket: Socket, bytes: Buffer): Promise<number> {
  const startedMs = performance.now();
  const came: Buffer[] = [];
  let left = bytes.length;
  const back = new Promise<void>((resolve) => {
    socket.on("data", function hear(piece: Buffer) {
      came.push(piece);
      left -= piece.length;
      if (left === 0) {
        socket.off("data", hear);
        resolve();
      }
    });
  });
  socket.write(bytes);
  await back;
  expect(Buffer.concat(came).equals(bytes)).toBe(true);
  return performance.now() - startedMs;
}
