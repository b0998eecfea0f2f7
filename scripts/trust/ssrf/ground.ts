import diagnostics from "node:diagnostics_channel";
import { createServer, type Socket } from "node:net";
import { scriptedRegistry } from "../../../lib/testing/scripted-registry.ts";
import { meets, type Trust } from "../trust-case.ts";

/** Where honest registries live; the operator allows it. Everything that is to be blocked is elsewhere. */
export const HONEST_ADDRESS = "127.0.0.9";
export const HONEST_ONLY = [`${HONEST_ADDRESS}/32`];
/** Even then metadata services and whatever is no host are not dialled. */
export const EVERYTHING = ["0.0.0.0/0", "::/0"];

/** What is tried on: a listener that nobody may reach, a registry that points to it, and a look at every connection. */
export interface Ground {
  /** Port of the listener, on 127.0.0.1, 127.0.0.2 and ::1. */
  readonly port: number;
  /** Of the honest registry. */
  readonly origin: string;
  /** What the honest registry says to everybody: where to go on, in the words of a redirect or of a challenge. */
  point(to: { location?: string; realm?: string; link?: string; status?: number }): void;
  /** @throws {TargetMissed} when anything but the honest registry was dialled, or the listener heard of it */
  nothingDialled(what: string): void;
  /** Requests that reached the honest registry. */
  asked(): number;
}

export async function openGround(trust: Trust): Promise<Ground> {
  let heard = 0;
  const listeners = ["127.0.0.1", "127.0.0.2", "::1"].map(() =>
    createServer((socket) => {
      heard += 1;
      socket.destroy();
    }),
  );
  trust.cleanup(() => {
    for (const listener of listeners) {
      listener.close();
    }
  });
  const port = await listenOnAll(listeners);
  let pointing: Parameters<Ground["point"]>[0] = {};
  const honest = await scriptedRegistry(
    (_request, response) => {
      const { location, realm, link, status = 200 } = pointing;
      const headers = {
        ...(location === undefined ? {} : { location }),
        ...(realm === undefined ? {} : { "www-authenticate": `Bearer realm="${realm}",service="x"` }),
        ...(link === undefined ? {} : { link: `<${link}>; rel="next"` }),
      };
      response
        .writeHead(status, { ...headers, connection: "close" })
        .end('{"repositories":["app"],"tags":["v1"]}');
    },
    { address: HONEST_ADDRESS },
  );
  trust.cleanup(honest.stop);
  const dialled = watchDialling(trust);
  return {
    port,
    origin: honest.origin,
    point: (to) => {
      pointing = to;
    },
    asked: () => honest.requests.length,
    nothingDialled(what) {
      const wrong = dialled.filter((address) => address !== HONEST_ADDRESS);
      meets(wrong.length === 0, `${what}: dialled ${wrong.join()}`);
      meets(heard === 0, `${what}: the listener was reached`);
    },
  };
}

/** The same port at each of these addresses; a machine without IPv6 has one less. */
async function listenOnAll(listeners: readonly ReturnType<typeof createServer>[]): Promise<number> {
  const addresses = ["127.0.0.1", "127.0.0.2", "::1"];
  let port = 0;
  for (const [nth, listener] of listeners.entries()) {
    const bound = await new Promise<boolean>((resolve) => {
      listener.once("error", () => resolve(false));
      listener.listen({ host: addresses[nth], port }, () => resolve(true));
    });
    const address = bound ? listener.address() : null;
    port = port || (typeof address === "object" && address ? address.port : 0);
  }
  return port;
}

/** Every address that a socket of this process tries from now on: not what our own code says of it. */
function watchDialling(trust: Trust): readonly string[] {
  const dialled: string[] = [];
  const look = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on("connectionAttempt", (address: string) => dialled.push(address));
  };
  diagnostics.subscribe("net.client.socket", look);
  trust.cleanup(() => diagnostics.unsubscribe("net.client.socket", look));
  return dialled;
}
