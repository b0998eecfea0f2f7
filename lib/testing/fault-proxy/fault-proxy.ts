import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { carry } from "./carry.ts";
import { type FaultLogEntry, type FaultRule, FaultRules } from "./fault.ts";
import { TokenGate, type TokenGateOptions } from "./token-gate.ts";

export interface FaultProxyOptions {
  /** HTTPS with this certificate, PEM. */
  tls?: { certificate: string; key: string };
  tokens?: TokenGateOptions;
  /** From 0 to below 1: what probabilities are drawn from. */
  random?: () => number;
}

/** A reverse proxy before a registry that misbehaves by rule and writes down what passed. */
export interface FaultProxy {
  readonly origin: string;
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly log: readonly FaultLogEntry[];
  readonly gate: TokenGate | undefined;
  /** Connections accepted so far, whether or not a request came. */
  connections(): number;
  add(...rules: readonly FaultRule[]): void;
  /** From now on everything passes. */
  calm(): void;
  /** Nobody listens: connections are refused, those that are open end. */
  refuse(on: boolean): Promise<void>;
  /** Requests whose path and query match, of any method if null. */
  matching(method: string | null, path: RegExp): FaultLogEntry[];
  /** The log, a JSON document a line. */
  jsonLines(): string;
  stop(): Promise<void>;
}

/** Starts one on a free port of the loopback. The Host header stays, so that Locations lead through it again. */
export async function startFaultProxy(
  targetOrigin: string,
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const startedMs = performance.now();
  const log: FaultLogEntry[] = [];
  const rules = new FaultRules(options.random ?? Math.random);
  const gate = options.tokens && new TokenGate(options.tokens);
  const agent = new Agent({ keepAlive: true });
  const target = new URL(targetOrigin);
  const { tls } = options;
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }) : createServer();
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  let accepted = 0;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const origin = `${tls ? "https" : "http"}://${host}`;
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const entry = entryOf(request, performance.now() - startedMs);
    log.push(entry);
    request
      .on("error", () => undefined)
      .on("data", (chunk: Buffer) => {
        entry.requestBytes += chunk.length;
      });
    // Listening to data has set it flowing; it waits until somebody takes it.
    request.pause();
    const passage = { request, response, entry };
    carry(passage, { rules, gate, origin, target, agent }).catch(() => request.socket.destroy());
  });
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      for (const socket of sockets) {
        socket.destroy();
      }
    });
  return {
    origin,
    host,
    log,
    gate,
    connections: () => accepted,
    add: (...more) => rules.add(...more),
    calm: () => rules.clear(),
    refuse: (on) => (on ? close() : listen(server, port)),
    matching: (method, path) =>
      log.filter((entry) => (method ?? entry.method) === entry.method && path.test(entry.path)),
    jsonLines: () => log.map((entry) => JSON.stringify(entry)).join("\n"),
    async stop() {
      await close();
      agent.destroy();
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port }, resolve);
  });
}

function entryOf({ method = "", url = "", headers }: IncomingMessage, atMs: number): FaultLogEntry {
  return {
    atMs: Math.round(atMs),
    method,
    path: url,
    range: headers.range ?? headers["content-range"],
    statedBytes: headers["content-length"] === undefined ? undefined : Number(headers["content-length"]),
    authorized: headers.authorization !== undefined,
    ...{ fault: undefined, requestBytes: 0, answerBytes: 0, registryStatus: undefined, status: undefined },
  };
}
