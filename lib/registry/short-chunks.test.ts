import { expect, onTestFinished, test } from "vitest";
import { scriptedRegistry } from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import { digestOf } from "./verify.ts";

const bytes = Buffer.alloc(4_096, 7);
const blob = { mediaType: "application/x", digest: digestOf(bytes), size: bytes.length };

test("a registry that takes a byte of each chunk gets the blob as one PUT, and is not fed for ever", async () => {
  let kept = 1;
  const server = await scriptedRegistry(({ method }, response) => {
    if (method === "PATCH") {
      kept += 1;
      response.writeHead(202, { location: "/upload/x", range: `0-${kept - 1}` }).end();
    } else {
      response.writeHead(method === "POST" ? 202 : 204, { location: "/upload/x" }).end();
    }
  });
  onTestFinished(() => server.stop());
  const registry = createRegistry({
    ...{ address: server.origin, vendor: "generic", plainHttp: true, egress: allowAll },
    chunks: { thresholdBytes: 1_024, chunkBytes: 1_024, runsFromBytesPerS: Number.POSITIVE_INFINITY },
  });
  onTestFinished(() => registry.close());
  const opened = await registry.repository("app").openUpload(blob);
  const content = (async function* () {
    yield Uint8Array.from(bytes);
  })();
  expect(opened.kind === "upload" && (await opened.upload.send(content))).toBeUndefined();
  const methods = server.requests.map(({ method }) => method);
  expect(methods.filter((method) => method === "PATCH")).toHaveLength(32);
  expect(methods.slice(-3)).toEqual(["DELETE", "POST", "PUT"]);
  expect(server.requests.at(-1)?.body.equals(bytes)).toBe(true);
});
