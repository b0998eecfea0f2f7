import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { type LoopbackServer, serve } from "./loopback-server.ts";

export interface ReceivedMessage {
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  atMs: number;
}

/** How a receiver answers: a status, with headers and a body; or never; or with a body that does not end. */
export type ReceiverAnswer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | "hang"
  | "flood";

export interface WebhookReceiver {
  /** With a secret in its path and its query. */
  url: string;
  received: ReceivedMessage[];
  /** What the next messages get; by default 200. */
  answer(how: ReceiverAnswer | ((message: ReceivedMessage) => ReceiverAnswer)): void;
  stop(): Promise<void>;
}

/** A receiver of webhooks on the loopback that behaves as it is told. */
export async function webhookReceiver(
  path = "/hook/s3cr3t-in-the-path?key=s3cr3t-in-the-query",
): Promise<WebhookReceiver> {
  const received: ReceivedMessage[] = [];
  let how: (message: ReceivedMessage) => ReceiverAnswer = () => ({ status: 200, body: "ok" });
  const server: LoopbackServer = await serve(async (request, response) => {
    const message = {
      path: request.url ?? "",
      headers: request.headers,
      body: await text(request),
      atMs: Date.now(),
    };
    received.push(message);
    const answer = how(message);
    if (answer === "hang") {
      return;
    }
    if (answer === "flood") {
      response.writeHead(500);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) {
          // Until the buffers are full.
        }
      };
      response.on("drain", more);
      more();
      return;
    }
    response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? "");
  });
  return {
    url: `${server.origin}${path}`,
    received,
    answer: (next) => {
      how = typeof next === "function" ? next : () => next;
    },
    stop: server.stop,
  };
}
