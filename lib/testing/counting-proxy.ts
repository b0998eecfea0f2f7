import { Agent, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import { serve } from "./loopback-server.ts";

/** A reverse proxy before a registry that counts layers on their way into it: how many at once, and their bytes over time. */
export interface CountingProxy {
  readonly origin: string;
  /** Layers being written at this moment. */
  writing(): number;
  /** The most of them at once since the last `reset`. */
  most(): number;
  reset(): void;
  /** Bytes of layers that arrived so far. */
  bytes(): number;
  stop(): Promise<void>;
}

/** Starts one. The Host header stays, so that Location headers lead through the proxy again. */
export async function startCountingProxy(targetOrigin: string): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true });
  const target = new URL(targetOrigin);
  const counts = { now: 0, most: 0, bytes: 0 };
  const server = await serve(async (request, response) => {
    if (/^(PUT|PATCH)$/.test(request.method ?? "") && /\/blobs\/uploads\//.test(request.url ?? "")) {
      counts.now += 1;
      counts.most = Math.max(counts.most, counts.now);
      request.on("data", (chunk: Buffer) => {
        counts.bytes += chunk.length;
      });
      onceOf(response, ["finish", "close"], () => {
        counts.now -= 1;
      });
    }
    await handOn(request, response, { target, agent });
  });
  return {
    origin: server.origin,
    writing: () => counts.now,
    most: () => counts.most,
    reset: () => {
      counts.most = counts.now;
    },
    bytes: () => counts.bytes,
    async stop() {
      await server.stop();
      agent.destroy();
    },
  };
}

function onceOf(response: ServerResponse, events: readonly string[], then: () => void): void {
  let done = false;
  for (const event of events) {
    response.once(event, () => {
      if (!done) {
        done = true;
        then();
      }
    });
  }
}

function handOn(
  request: IncomingMessage,
  response: ServerResponse,
  { target, agent }: { target: URL; agent: Agent },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onward = sendRequest({
      ...{ hostname: target.hostname, port: target.port, agent, headers: request.headers },
      ...{ method: request.method, path: request.url, timeout: 60_000 },
    });
    onward.once("timeout", () => onward.destroy(new Error("the registry did not answer in 60 s")));
    onward.once("error", reject);
    onward.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.once("error", reject);
      answer.once("end", resolve);
      answer.pipe(response);
    });
    request.once("error", () => onward.destroy());
    // A sender that died in the middle of a body breaks the connection behind us too.
    request.once("close", () => request.complete || onward.destroy());
    request.pipe(onward);
  });
}
