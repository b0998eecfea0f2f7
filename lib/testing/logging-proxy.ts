import { Agent, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import { serve } from "./loopback-server.ts";

/** One request that passed, in the order of arrival. */
export interface ProxiedRequest {
  /** When it arrived, `performance.now()` of this process. */
  readonly atMs: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Bytes of its body that arrived so far. */
  bodyBytes: number;
  /** Bytes of the answer's body that went back so far. */
  answerBytes: number;
  /** Of the server's answer; undefined as long as there is none. */
  status: number | undefined;
}

/** A reverse proxy before a registry that writes down what passes, whoever asked and whether or not the asker lives on. */
export interface LoggingProxy {
  readonly origin: string;
  readonly log: readonly ProxiedRequest[];
  /** Requests with this method whose path matches. */
  matching(method: string, path: RegExp): ProxiedRequest[];
  stop(): Promise<void>;
}

/** What a request waits for before it is handed on, and its answer before it goes back. */
export interface Pace {
  before?(request: ProxiedRequest): Promise<void> | undefined;
  after?(request: ProxiedRequest): Promise<void> | undefined;
}

/**
 * Starts one before `targetOrigin`. A request is handed on also when its sender dies while it waits: that is what networks do.
 * The Host header stays, so that Location headers lead through the proxy again.
 */
export async function startLoggingProxy(targetOrigin: string, pace: Pace = {}): Promise<LoggingProxy> {
  const log: ProxiedRequest[] = [];
  const agent = new Agent({ keepAlive: true });
  const target = new URL(targetOrigin);
  const server = await serve(async (request, response) => {
    const entry: ProxiedRequest = {
      atMs: performance.now(),
      method: request.method ?? "",
      path: request.url ?? "",
      bodyBytes: 0,
      answerBytes: 0,
      status: undefined,
    };
    log.push(entry);
    request.on("error", () => undefined);
    await pace.before?.(entry);
    const answer = await handOn(request, target, agent, entry);
    entry.status = answer.statusCode;
    await pace.after?.(entry);
    await handBack(answer, response, entry);
  });
  return {
    origin: server.origin,
    log,
    matching: (method, path) => log.filter((entry) => entry.method === method && path.test(entry.path)),
    async stop() {
      await server.stop();
      agent.destroy();
    },
  };
}

function handOn(
  request: IncomingMessage,
  target: URL,
  agent: Agent,
  entry: ProxiedRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = target;
    const onward = sendRequest({
      ...{ hostname, port, agent, headers: request.headers },
      ...{ method: request.method, path: request.url, timeout: 60_000 },
    });
    onward.once("response", resolve).once("error", reject);
    onward.once("timeout", () => onward.destroy(new Error("the registry did not answer in 60 s")));
    request.on("data", (chunk: Buffer) => {
      entry.bodyBytes += chunk.length;
    });
    // A sender that died in the middle of a body breaks the connection behind us too.
    request.once("close", () => request.complete || onward.destroy());
    request.pipe(onward);
  });
}

async function handBack(
  answer: IncomingMessage,
  response: ServerResponse,
  entry: ProxiedRequest,
): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.on("data", (chunk: Buffer) => {
    entry.answerBytes += chunk.length;
  });
  answer.once("error", () => response.destroy());
  response.once("close", () => answer.destroy());
  answer.pipe(response);
}
