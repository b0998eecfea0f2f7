import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";

/** Refuses an upload at its first bytes and resets the connection. In a thread of its own: the client is to be busy meanwhile. */
const REFUSING_REGISTRY = `
  const { createServer } = require("node:http");
  const { parentPort } = require("node:worker_threads");
  const body = '{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"Enclosed":{"Op":"write","Err":28}}}]}';
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      response.writeHead(202, { location: "/upload/1" }).end();
      return;
    }
    request.once("data", () => {
      request.pause();
      request.socket.write("HTTP/1.1 500 Internal Server Error\\r\\nContent-Length: " + body.length + "\\r\\n\\r\\n" + body, () => {
        request.socket.resetAndDestroy();
      });
    });
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

test("what a registry said before it hung up is heard, although the next write fails first (R5)", async () => {
  const worker = new Worker(REFUSING_REGISTRY, { eval: true });
  onTestFinished(async () => {
    await worker.terminate();
  });
  const [port] = (await once(worker, "message")) as [number];
  const address = `http://127.0.0.1:${port}`;
  const registry = createRegistry({ address, vendor: "generic", plainHttp: true, egress: allowAll });
  onTestFinished(() => registry.close());
  async function* content(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(65_536);
    await setImmediate();
    // The answer and the reset arrive while this thread looks elsewhere; then it writes before it reads.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    for (let chunk = 0; chunk < 15; chunk++) {
      yield Buffer.alloc(65_536);
    }
  }
  const blob = { mediaType: "application/x", digest: `sha256:${"0".repeat(64)}`, size: 16 * 65_536 };
  for (let round = 0; round < 3; round++) {
    const opened = await registry.repository("app").openUpload(blob);
    const sending = opened.kind === "upload" ? opened.upload.send(content()) : undefined;
    await expect(sending).rejects.toMatchObject({
      name: "RegistryError",
      status: 500,
      detail: "unknown error: no space left on device",
    });
  }
});
