import { lookup as resolveName } from "node:dns";
import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type NetConnectOpts,
  type OnReadOpts,
  type Socket,
} from "node:net";
import type { ConnectionOptions, SecureContext } from "node:tls";
import { HttpError } from "./http/http-error.ts";
import type { Dial, Place } from "./http/pool.ts";
import type { EgressRule } from "./repository.ts";
import { spend } from "./spent.ts";

export const CONNECT_TIMEOUT_MS = 10_000;
/** How long a server that broke the connection in the middle of our sending is given to say why (R5). */
const LAST_WORDS_MS = 1_000;
const WRITE_BUFFER = 1024 * 1024;
/** TCP asks whether the other side is still there. */
const TCP_KEEP_ALIVE_MS = 60_000;
/** Places whose TLS session is remembered: the next connection costs a round trip less. */
const MOST_SESSIONS = 100;

/** The rule denied the address that a name led to, or the address itself. */
export class EgressDenied extends Error {
  override readonly name = "EgressDenied";
  constructor(hostname: string) {
    super(`${hostname} leads to an address that may not be dialled`);
  }
}

/**
 * The dial hook: every connection of the server is made here. The rule sees the address that is dialled, whatever name
 * led to it, and the address the socket ended at, so neither DNS rebinding nor a redirect passes by.
 *
 * @param caCertificate PEM, trusted beside the roots of Node for these connections only
 */
export function guardedConnector(egress: EgressRule, caCertificate?: string): Dial {
  const open = opener(egress, caCertificate);
  return (place, onread, told) => {
    const host = place.hostname.replace(/^\[(.*)\]$/, "$1");
    // A literal address is dialled without asking `lookup`.
    if (isIP(host) !== 0 && !egress.allows(host)) {
      let given = false;
      queueMicrotask(() => given || told(new EgressDenied(host), null));
      return () => {
        given = true;
      };
    }
    return awaitSocket(open(place, host, onread), place, (error, socket) => {
      if (socket && socket.remoteAddress === undefined) {
        // Reset the moment it was made: nobody can tell any more whose address it was, and nothing has been sent.
        socket.destroy();
        told(
          Object.assign(new Error("the connection was reset as it was made"), { code: "ECONNRESET" }),
          null,
        );
      } else if (socket && !egress.allows(socket.remoteAddress ?? "")) {
        socket.destroy();
        told(new EgressDenied(host), null);
      } else {
        told(error, socket);
      }
    });
  };
}

type Open = (place: Place, host: string, onread: OnReadOpts) => Socket;

function opener(egress: EgressRule, caCertificate: string | undefined): Open {
  const sessions = new Map<string, Buffer>();
  let secureContext: SecureContext | undefined;
  const common = {
    lookup: guardedLookup(egress),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    writableHighWaterMark: WRITE_BUFFER,
  };
  return ({ protocol, port }, host, onread) => {
    if (protocol !== "https:") {
      return connectTcp({ ...common, host, port: Number(port) || 80, onread } as NetConnectOpts);
    }
    if (caCertificate !== undefined) {
      secureContext ??= trusting(caCertificate);
    }
    const key = `${host}:${port}`;
    const socket = tls().connect({
      ...common,
      ...{ host, port: Number(port) || 443, onread, secureContext, session: sessions.get(key) },
      // An address is no name to ask for; the certificate must hold it all the same.
      servername: isIP(host) === 0 ? host : "",
      ALPNProtocols: ["http/1.1"],
    } as ConnectionOptions);
    socket.on("session", (session) => remember(sessions, key, session));
    return socket;
  };
}

function remember(sessions: Map<string, Buffer>, key: string, session: Buffer): void {
  sessions.delete(key);
  sessions.set(key, session);
  const oldest = sessions.size > MOST_SESSIONS ? sessions.keys().next().value : undefined;
  if (oldest !== undefined) {
    sessions.delete(oldest);
  }
}

/** Tells once how the opening of a socket ended, by its time limit at the latest. */
function awaitSocket(
  socket: Socket,
  { protocol }: Place,
  told: (error: Error | null, socket: Socket | null) => void,
): () => void {
  const ready = protocol === "https:" ? "secureConnect" : "connect";
  const timer = setTimeout(() => {
    failed(new HttpError("CONNECT_TIMEOUT", "the connection cannot be made in time"));
  }, CONNECT_TIMEOUT_MS);
  const settle = (): void => {
    clearTimeout(timer);
    socket.off(ready, succeeded).off("error", failed).off("close", closed);
  };
  function succeeded(): void {
    settle();
    watchWrites(socket);
    told(null, socket);
  }
  function failed(error: Error): void {
    settle();
    // What it says after that is of no interest any more.
    socket.on("error", () => undefined).destroy();
    told(error, null);
  }
  function closed(): void {
    failed(Object.assign(new Error("the connection was closed as it was made"), { code: "ECONNRESET" }));
  }
  socket.once(ready, succeeded).once("error", failed).once("close", closed);
  return () => {
    settle();
    socket.on("error", () => undefined).destroy();
  };
}

/** Resolves names as Node does and hands on only the addresses that the rule allows; none left, or no answer, fails. */
function guardedLookup(egress: EgressRule): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const allowed = error ? [] : addresses.filter(({ address }) => egress.allows(address));
      const [first] = allowed;
      if (error || !first) {
        callback(error ?? new EgressDenied(hostname), [], 0);
      } else if (options.all) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function trusting(caCertificate: string): SecureContext {
  const { createSecureContext, getCACertificates } = tls();
  return createSecureContext({ ca: [...getCACertificates("default"), caCertificate] });
}

/** Read when somebody asks over https: a start without it is a few milliseconds shorter. */
function tls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

type WriteDone = (error?: Error | null) => void;

/**
 * What a socket does beside writing. A failed write is reported late: a registry that runs out of disk answers 500 and
 * closes while we still write, and Node would drop the unread answer together with the connection (R5). A chunk that was
 * written is given back, see spent.ts.
 */
function watchWrites(socket: Socket): void {
  const write = socket._write.bind(socket);
  socket._write = (chunk, encoding, done) =>
    write(chunk, encoding, (error) => {
      spend(chunk);
      report(socket, error, done);
    });
  const writev = socket._writev?.bind(socket);
  if (writev) {
    socket._writev = (chunks, done) => {
      // Node reuses the list for something else.
      const sent = chunks.map(({ chunk }) => chunk);
      writev(chunks, (error) => {
        sent.forEach(spend);
        report(socket, error, done);
      });
    };
  }
}

function report(socket: Socket, error: Error | null | undefined, done: WriteDone): void {
  const code = error && "code" in error ? error.code : undefined;
  if (code !== "EPIPE" && code !== "ECONNRESET") {
    done(error);
    return;
  }
  const timer = setTimeout(finish, LAST_WORDS_MS);
  socket.once("end", finish).once("close", finish);
  function finish(): void {
    clearTimeout(timer);
    socket.off("end", finish).off("close", finish);
    done(error);
  }
}
