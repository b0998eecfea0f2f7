import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { registryClient } from "./registry.testing.ts";
import type { Repository } from "./repository.ts";
import { digestOf } from "./verify.ts";

const bytes = Buffer.alloc(3_000_000, "the bytes of a layer ");
const blob = { mediaType: "application/x", digest: digestOf(bytes), size: bytes.length };

type Script = (request: RecordedRequest, response: ServerResponse, nth: number) => void;

async function repository(script: Script): Promise<{ app: Repository; server: ScriptedRegistry }> {
  let nth = 0;
  const server = await scriptedRegistry((request, response) => {
    nth += 1;
    script(request, response, nth);
  });
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  return { app: registry.repository("app"), server };
}

/** What is handed out until the end or the error; the copy stands for what a target would have received. */
async function received(app: Repository): Promise<{ bytes: Buffer; error: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of await app.fetchBlob(blob)) {
      chunks.push(Uint8Array.from(chunk));
    }
    return { bytes: Buffer.concat(chunks), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
}

function rangeOf(request: RecordedRequest): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
}

/** As a registry does it: from the first byte that is asked for, announced. */
function serveFrom(request: RecordedRequest, response: ServerResponse, until = bytes.length): void {
  const from = rangeOf(request);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": bytes.length - from,
    ...(from > 0 ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  response.write(bytes.subarray(from, until), () =>
    until < bytes.length ? response.destroy() : response.end(),
  );
}

describe("from a byte on, what comes before being somebody else's", () => {
  const from = 1_234_567;
  const rest = async (app: Repository) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await app.fetchBlob(blob, { from })) {
      chunks.push(Uint8Array.from(chunk));
    }
    return Buffer.concat(chunks);
  };

  test("only the rest is asked for, and read on where that breaks", async () => {
    const { app, server } = await repository((request, response, nth) =>
      serveFrom(request, response, nth === 1 ? 2_000_000 : undefined),
    );
    expect((await rest(app)).equals(bytes.subarray(from))).toBe(true);
    expect(server.requests[0]?.headers.range).toBe(`bytes=${from}-`);
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
  });

  test("a registry that answers with everything is believed in the rest", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    });
    expect((await rest(app)).equals(bytes.subarray(from))).toBe(true);
  });

  test("another length is not believed", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "content-length": bytes.length - 1 }).end(bytes.subarray(1));
    });
    await expect(rest(app)).rejects.toMatchObject({ code: "SIZE_MISMATCH" });
  });
});

describe("a read that breaks", () => {
  test("goes on by Range where it ended", async () => {
    const { app, server } = await repository((request, response, nth) => {
      serveFrom(request, response, nth === 1 ? 2_000_000 : bytes.length);
    });
    const result = await received(app);
    expect(result.error).toBeUndefined();
    expect(result.bytes.equals(bytes)).toBe(true);
    expect(server.requests).toHaveLength(2);
    const from = rangeOf(server.requests[1] as RecordedRequest);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(2_000_000);
  });

  test("goes on even where the registry answers a Range with everything", async () => {
    const { app } = await repository((_request, response, nth) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, nth === 1 ? 2_000_000 : bytes.length), () =>
        nth === 1 ? response.destroy() : response.end(),
      );
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("goes on when the connection closes politely but early", async () => {
    const { app } = await repository((request, response, nth) => {
      if (nth === 1) {
        response.writeHead(200, { connection: "close", "transfer-encoding": "chunked" });
        response.end(bytes.subarray(0, 1_500_000));
      } else {
        serveFrom(request, response);
      }
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("every time ends in an error, and the last byte is never handed out", async () => {
    const { app, server } = await repository((request, response) => {
      serveFrom(request, response, rangeOf(request) + 1000);
    });
    const result = await received(app);
    expect(result.error).toMatchObject({ name: "TransportError", code: "CONNECTION" });
    expect(result.bytes.length).toBeLessThan(bytes.length);
    expect(server.requests.length).toBeLessThanOrEqual(6);
  }, 20_000);

  test("and is gone meanwhile says so", async () => {
    const { app } = await repository((request, response, nth) => {
      if (nth === 1) {
        serveFrom(request, response, 1_000_000);
      } else {
        response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN"}]}');
      }
    });
    expect((await received(app)).error).toMatchObject({ code: "BLOB_UNKNOWN", status: 404 });
  });

  test("and continues elsewhere is not believed", async () => {
    const { app } = await repository((request, response, nth) => {
      if (nth === 1) {
        serveFrom(request, response, 1_000_000);
      } else {
        response.writeHead(206, { "content-range": `bytes 2000000-2999999/3000000` });
        response.end(bytes.subarray(2_000_000));
      }
    });
    const result = await received(app);
    expect(result.error).toMatchObject({ code: "CONNECTION" });
    expect(result.bytes.length).toBeLessThan(bytes.length);
  });
});

describe("bytes that are not the blob", () => {
  test("one flipped bit is found before the last chunk is out", async () => {
    const wrong = Buffer.from(bytes);
    wrong[1_234_567] = (wrong[1_234_567] ?? 0) ^ 1;
    const { app } = await repository((_request, response) => void response.end(wrong));
    const result = await received(app);
    expect(result.error).toMatchObject({
      name: "ContentError",
      code: "DIGEST_MISMATCH",
      expected: blob.digest,
    });
    expect(result.bytes.length).toBeLessThan(bytes.length);
  });

  test.each([
    ["a length that is announced", true],
    ["a length that is not", false],
  ])("too many, with %s", async (_what, announced) => {
    const long = Buffer.concat([bytes, Buffer.from("!")]);
    const { app } = await repository((_request, response) => {
      response.writeHead(
        200,
        announced ? { "content-length": long.length } : { "transfer-encoding": "chunked" },
      );
      response.end(long);
    });
    const result = await received(app);
    expect(result.error).toMatchObject({ code: "SIZE_MISMATCH" });
    expect(result.bytes.length).toBeLessThan(bytes.length);
  });

  test("too few, by its own account", async () => {
    const { app, server } = await repository((_request, response) => void response.end(bytes.subarray(1)));
    expect((await received(app)).error).toMatchObject({ code: "SIZE_MISMATCH" });
    expect(server.requests).toHaveLength(1);
  });

  test("a login page", async () => {
    const { app } = await repository((_request, response) => void response.end("<html>Log in</html>"));
    expect((await received(app)).error).toMatchObject({ code: "SIZE_MISMATCH" });
  });
});

describe("how bytes are packed", () => {
  test("asked for as they are", async () => {
    const { app, server } = await repository((request, response) => serveFrom(request, response));
    await received(app);
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("without a length", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "transfer-encoding": "chunked" });
      response.end(bytes);
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("compressed by a proxy all the same", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(bytes));
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("labelled as compressed because the layer itself is", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": bytes.length }).end(bytes);
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("compressed and cut off", async () => {
    const { app } = await repository((_request, response, nth) => {
      const packed = gzipSync(bytes);
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(nth === 1 ? packed.subarray(0, packed.length / 2) : packed);
    });
    expect((await received(app)).bytes.equals(bytes)).toBe(true);
  });

  test("in a way that nobody knows", async () => {
    const { app } = await repository((_request, response) => {
      response.writeHead(200, { "content-encoding": "zstd" }).end("x");
    });
    expect((await received(app)).error).toMatchObject({ code: "UNSUPPORTED" });
  });
});

test("a blob that is given up closes its connection and frees its place", async () => {
  let closed = 0;
  const { app } = await repository((_request, response) => {
    response.on("close", () => {
      closed += 1;
    });
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000));
  });
  for (let round = 0; round < 40; round++) {
    const content = await app.fetchBlob(blob);
    await content[Symbol.asyncIterator]().return?.();
  }
  await expect.poll(() => closed).toBe(40);
});

test("an abort ends a read that hangs", async () => {
  const { app } = await repository((_request, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000));
  });
  const content = await app.fetchBlob(blob, { signal: AbortSignal.timeout(200) });
  const reading = (async () => {
    for await (const chunk of content) {
      void chunk;
    }
  })();
  await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
});

describe("whether a blob is there", () => {
  test.each([
    [200, { "content-length": String(bytes.length) }, true],
    [200, { "content-length": "7" }, false],
    [404, {}, false],
  ])("%d %j: %s", async (status, headers, expected) => {
    const { app, server } = await repository(
      (_request, response) => void response.writeHead(status, headers).end(),
    );
    expect(await app.hasBlob(blob)).toBe(expected);
    expect(server.requests[0]?.method).toBe("HEAD");
  });
});

test.each(["sha256:../../x", "md5:abc", ""])("%j never becomes part of a URL", async (digest) => {
  const { app, server } = await repository((_request, response) => void response.end());
  await expect(app.fetchBlob({ ...blob, digest })).rejects.toMatchObject({ code: "DIGEST_INVALID" });
  await expect(app.hasBlob({ ...blob, digest })).rejects.toMatchObject({ code: "DIGEST_INVALID" });
  await expect(app.resolve(digest)).rejects.toMatchObject({ code: "TAG_INVALID" });
  expect(server.requests).toHaveLength(0);
});
