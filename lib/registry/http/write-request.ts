import type { Socket } from "node:net";

/** So much is cheaper copied than sent as two pieces. */
const COPIED_BYTES = 16 * 1024;

/**
 * Sends the head of a request together with what there is of its body: one packet, where both fit.
 * @returns false: the other side should take it before there is more
 */
export function writeRequest(socket: Socket, head: string, body: Uint8Array | undefined): boolean {
  if (!body?.byteLength) {
    return socket.write(head, "latin1");
  }
  if (body.byteLength <= COPIED_BYTES) {
    const both = Buffer.allocUnsafe(head.length + body.byteLength);
    both.write(head, "latin1");
    both.set(body, head.length);
    return socket.write(both);
  }
  socket.cork();
  socket.write(head, "latin1");
  const room = socket.write(body);
  socket.uncork();
  return room;
}
