import type { IncomingMessage, ServerResponse } from "node:http";
import { type LoopbackServer, serve } from "./loopback-server.ts";

export interface RecordedRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface ScriptedRegistry extends LoopbackServer {
  /** In the order of their arrival. */
  requests: RecordedRequest[];
}

/**
 * A server that answers as a test tells it to, well or badly, and remembers what it was asked.
 * @param options.readBody false: the body is left to the script, which finds it in `incoming`
 * @param options.address of the loopback; 127.0.0.1 when left out
 */
export async function scriptedRegistry(
  script: (
    request: RecordedRequest,
    response: ServerResponse,
    incoming: IncomingMessage,
  ) => void | Promise<void>,
  options: { readBody?: boolean; address?: string } = {},
): Promise<ScriptedRegistry> {
  const requests: RecordedRequest[] = [];
  const server = await serve(async (incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const request: RecordedRequest = { method, url, headers, body: Buffer.alloc(0) };
    requests.push(request);
    if (options.readBody !== false) {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
      }
      request.body = Buffer.concat(chunks);
    }
    await script(request, response, incoming);
  }, options.address);
  return { ...server, requests };
}
