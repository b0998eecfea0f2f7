import { lookup as resolveName } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { buildConnector } from "undici";
import type { EgressRule } from "./repository.ts";
import { spend } from "./spent.ts";

export const CONNECT_TIMEOUT_MS = 10_000;
/** How long a server that broke the connection in the middle of our sending is given to say why (R5). */
const LAST_WORDS_MS = 1_000;
const WRITE_BUFFER = 1024 * 1024;
/** One chunk at a time: Node would join what gathers here into a copy before undici sees it. */
const READ_BUFFER = 1;

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
export function guardedConnector(egress: EgressRule, caCertificate?: string): buildConnector.connector {
  const secureContext = caCertificate === undefined ? undefined : trusting(caCertificate);
  const dial = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
    lookup: guardedLookup(egress),
    // undici's own highWaterMark would bind both directions; a deep write buffer costs nothing, a deep read buffer does.
    highWaterMark: undefined,
    writableHighWaterMark: WRITE_BUFFER,
    readableHighWaterMark: READ_BUFFER,
    ...(secureContext ? { secureContext } : {}),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, "$1");
    // A literal address is dialled without asking `lookup`.
    if (isIP(host) !== 0 && !egress.allows(host)) {
      callback(new EgressDenied(host), null);
      return;
    }
    dial(options, (...[error, socket]: [Error, null] | [null, Socket]) => {
      if (error) {
        callback(error, null);
      } else if (socket.remoteAddress === undefined) {
        // Reset the moment it was made: nobody can tell any more whose address it was, and nothing has been sent.
        socket.destroy();
        callback(
          Object.assign(new Error("the connection was reset as it was made"), { code: "ECONNRESET" }),
          null,
        );
      } else if (!egress.allows(socket.remoteAddress)) {
        socket.destroy();
        callback(new EgressDenied(options.hostname), null);
      } else {
        watchWrites(socket);
        callback(null, socket);
      }
    });
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
  return createSecureContext({ ca: [...getCACertificates("default"), caCertificate] });
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
