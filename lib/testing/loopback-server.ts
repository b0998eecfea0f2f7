import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface LoopbackServer {
  origin: string;
  host: string;
  stop(): Promise<void>;
}

/**
 * A plain HTTP server on a free port of the loopback; a handler that throws breaks the connection.
 * @param address another one of 127.0.0.0/8 (Linux has them all)
 */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  address = "127.0.0.1",
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => {
    server.listen({ host: address, port: 0 }, resolve);
  });
  const bound = server.address();
  const host = `${address}:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  return {
    origin: `http://${host}`,
    host,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
