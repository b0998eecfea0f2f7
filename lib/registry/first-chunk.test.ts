import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { scriptedRegistry } from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { createRegistry } from "./remote-registry.ts";
import { digestOf } from "./verify.ts";

const MIB = 1024 * 1024;
const bytes = Buffer.alloc(5 * MIB, 7);
const blob = { mediaType: "application/x", digest: digestOf(bytes), size: bytes.length };

/** A registry that takes as long for each answer. @returns the sizes of the chunks that it got, MiB */
async function chunks(answerMs: number): Promise<number[]> {
  let kept = 0;
  const server = await scriptedRegistry(async ({ method, body }, response) => {
    await sleep(answerMs);
    kept += body.byteLength;
    const status = { POST: 202, PATCH: 202, PUT: 201 }[method] ?? 204;
    response.writeHead(status, { location: "/upload/x", range: `0-${kept - 1}` }).end();
  });
  onTestFinished(() => server.stop());
  const registry = createRegistry({
    ...{ address: server.origin, vendor: "generic", plainHttp: true, egress: allowAll },
    chunks: { thresholdBytes: MIB, chunkBytes: 4 * MIB, runsFromBytesPerS: Number.POSITIVE_INFINITY },
  });
  onTestFinished(() => registry.close());
  const repository = registry.repository("app");
  let opened = await repository.openUpload(blob);
  // The quickest answer counts: one of so many is quick, however busy the machine is.
  for (let asked = 0; asked < 20 && answerMs === 0; asked++) {
    opened = await repository.openUpload(blob);
  }
  const content = (async function* () {
    for (let at = 0; at < bytes.length; at += MIB / 2) {
      yield Uint8Array.from(bytes.subarray(at, at + MIB / 2));
    }
  })();
  expect(opened.kind === "upload" && (await opened.upload.send(content))).toBeUndefined();
  const patches = server.requests.filter(({ method }) => method === "PATCH");
  return patches.map(({ body }) => body.byteLength / MIB);
}

test("near by the first chunk is a small one: it tells how fast the content passes", async () => {
  expect(await chunks(0)).toEqual([2, 3]);
});

test("further away each chunk is an answer more to wait for", async () => {
  expect(await chunks(40)).toEqual([4, 1]);
});
