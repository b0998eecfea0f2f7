import { createServer } from "node:net";
import { StartError } from "./data-folder.ts";

const ATTEMPTS = 100;

/** `wanted`, or the first one above it that nobody uses; any free one for 0. */
export async function freePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + ATTEMPTS && port <= 65_535; port++) {
    const found = await tryPort(host, port);
    if (found !== null) {
      return found;
    }
  }
  throw new StartError(`No port from ${wanted} on is free on ${host}.`);
}

function tryPort(host: string, port: number): Promise<number | null> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") {
        done(null);
      } else {
        fail(new StartError(`HOST ${host} cannot be used: ${error.message}`));
      }
    });
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : port));
    });
  });
}
