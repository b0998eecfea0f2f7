import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { allowAll } from "../egress.ts";
import { type Answer, Connections, type Exchange } from "../exchange.ts";
import type { Patience } from "../patience.ts";

/** A server that speaks bytes and knows nothing of HTTP, and a client of it. */
export interface RawServer {
  readonly origin: string;
  /** All that were ever accepted, in their order. */
  readonly accepted: Socket[];
  readonly client: Connections;
  ask(path?: string, more?: Partial<Exchange>): Promise<Answer>;
}

/**
 * @param hear gets what comes on a connection, piece by piece, and how often it has heard something there
 * @param patience of the client
 */
export async function rawServer(
  hear: (socket: Socket, heard: number, bytes: Buffer) => void,
  patience: Partial<Patience> = {},
): Promise<RawServer> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    let heard = 0;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      heard += 1;
      hear(socket, heard, bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Connections(allowAll, undefined, { ...PATIENT, ...patience });
  onTestFinished(async () => {
    await client.close();
    for (const socket of accepted) {
      socket.destroy();
    }
    server.close();
  });
  const ask = (path = "/", more: Partial<Exchange> = {}) =>
    client.send({ method: "GET", url: new URL(path, origin), headers: {}, ...more });
  return { origin, accepted, client, ask };
}

/** Longer than any test: where time counts, a test says how much. */
const PATIENT: Patience = {
  idleBodyMs: 60_000,
  headersMs: 60_000,
  commitMs: 60_000,
  wholeBodyMs: 60_000,
  slowWindowMs: 60_000,
  backoffMs: 1,
  backoffMostMs: 1,
  retryAfterMostMs: 1,
};

/** The whole body as text. */
export async function textOf(answer: Answer): Promise<string> {
  const bytes = await answer.body.bytes(Number.POSITIVE_INFINITY, () => new Error("too long"));
  return bytes.toString("latin1");
}
