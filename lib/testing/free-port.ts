import { createServer } from "node:net";

/** A port of 127.0.0.1 that is free now; `preferred` if that one is. */
export async function freePort(preferred?: number): Promise<number> {
  const tries = preferred === undefined ? [0] : [preferred, 0];
  for (const wanted of tries) {
    const port = await tryPort(wanted);
    if (port !== undefined) {
      return port;
    }
  }
  throw new Error("no free port on 127.0.0.1");
}

function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ host: "127.0.0.1", port: wanted, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(port));
    });
  });
}
