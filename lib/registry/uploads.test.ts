import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type RecordedRequest,
  type ScriptedRegistry,
  scriptedRegistry,
} from "../testing/scripted-registry.ts";
import { allowAll } from "./egress.ts";
import { registryClient } from "./registry.testing.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry, Upload } from "./repository.ts";
import { digestOf } from "./verify.ts";

const bytes = Buffer.alloc(300_000, "layer ");
const blob = { mediaType: "application/x", digest: digestOf(bytes), size: bytes.length };

async function* content(of = bytes): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < of.length; start += 65_536) {
    yield Uint8Array.from(of.subarray(start, start + 65_536));
  }
}

type Script = (request: RecordedRequest, response: ServerResponse, incoming: IncomingMessage) => void;

async function target(
  script: Script,
  options: { readBody?: boolean } = {},
): Promise<{ registry: Registry; server: ScriptedRegistry }> {
  const server = await scriptedRegistry(script, options);
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  return { registry, server };
}

async function opened(registry: Registry, of = blob): Promise<Upload> {
  const result = await registry.repository("app").openUpload(of);
  if (result.kind !== "upload") {
    throw new Error("expected an upload");
  }
  return result.upload;
}

/** Opens at the given Location and takes whatever is put. */
const taking =
  (location: (origin: string) => string): Script =>
  (request, response) => {
    const origin = `http://${request.headers.host}`;
    if (request.method === "POST") {
      response.writeHead(202, { location: location(origin) }).end();
    } else {
      response.writeHead(request.method === "PUT" ? 201 : 204).end();
    }
  };

describe("Location", () => {
  test.each([
    ["absolute", (origin: string) => `${origin}/v2/app/blobs/uploads/1`, "/v2/app/blobs/uploads/1?digest="],
    ["relative", () => "/upload/1", "/upload/1?digest="],
    ["relative to the request", () => "1", "/v2/app/blobs/uploads/1?digest="],
    [
      "with a query that must stay as it is",
      () => "/upload?_state=a%2Fb+c==&x",
      "/upload?_state=a%2Fb+c==&x&digest=",
    ],
  ])("%s", async (_what, location, expected) => {
    const { registry, server } = await target(taking(location));
    await (await opened(registry)).send(content());
    const put = server.requests.find(({ method }) => method === "PUT");
    expect(put?.url).toBe(`${expected}${encodeURIComponent(blob.digest)}`);
    expect(put?.headers["content-length"]).toBe(String(bytes.length));
    expect(put?.headers["content-type"]).toBe("application/octet-stream");
    expect(put?.body.equals(bytes)).toBe(true);
  });

  test.each([
    ["another host", () => "http://127.0.0.2/upload"],
    ["another port", () => "http://127.0.0.1:1/upload"],
    ["another scheme", (origin: string) => origin.replace("http:", "https:")],
    ["no scheme", () => "//evil.example.com/upload"],
    ["user info", (origin: string) => origin.replace("http://", "http://a:b@")],
    ["a file", () => "file:///etc/passwd"],
  ])("on %s is refused", async (_what, location) => {
    const { registry, server } = await target(taking(location));
    await expect(opened(registry)).rejects.toMatchObject({
      name: "TransportError",
      code: "REDIRECT_REFUSED",
    });
    expect(server.requests).toHaveLength(1);
  });

  test("missing is said", async () => {
    const { registry } = await target((_request, response) => void response.writeHead(202).end());
    await expect(opened(registry)).rejects.toMatchObject({ code: "BLOB_UPLOAD_INVALID" });
  });
});

describe("a mount", () => {
  const mount = async (script: Script) => {
    const { registry, server } = await target(script);
    const result = await registry.repository("app").openUpload(blob, { mountFrom: "base/image" });
    return { result, server };
  };

  test("asks for the blob by name and source", async () => {
    const { result, server } = await mount((_request, response) => void response.writeHead(201).end());
    expect(result).toEqual({ kind: "mounted" });
    expect(server.requests.map(({ url }) => url)).toEqual([
      `/v2/app/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=base%2Fimage`,
    ]);
  });

  test("that is not wanted is an open upload, without another question", async () => {
    const { result, server } = await mount(taking(() => "/upload/1"));
    expect(result.kind).toBe("upload");
    expect(server.requests).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 405])("refused with %d becomes a plain upload", async (status) => {
    const { result, server } = await mount((request, response) => {
      if (request.url.includes("mount=")) {
        response.writeHead(status).end();
      } else {
        response.writeHead(202, { location: "/upload/1" }).end();
      }
    });
    expect(result.kind).toBe("upload");
    expect(server.requests).toHaveLength(2);
  });

  test("that brings something else is an error", async () => {
    const other = digestOf(Buffer.from("other"));
    const mounting = mount(
      (_request, response) => void response.writeHead(201, { "docker-content-digest": other }).end(),
    );
    await expect(mounting).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("from the repository itself asks whether the blob stands there, with one scope", async () => {
    const { registry, server } = await target((_request, response) => void response.writeHead(201).end());
    const opened = await registry.repository("app").openUpload(blob, { mountFrom: "app" });
    expect(opened).toEqual({ kind: "mounted" });
    expect(server.requests.map(({ url }) => url)).toEqual([
      `/v2/app/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=app`,
    ]);
  });
});

describe("sending", () => {
  test("an empty blob has a real length", async () => {
    const empty = { mediaType: "application/x", digest: digestOf(Buffer.alloc(0)), size: 0 };
    const { registry, server } = await target(taking(() => "/upload/1"));
    await (await opened(registry, empty)).send(content(Buffer.alloc(0)));
    expect(server.requests.at(-1)).toMatchObject({ method: "PUT", headers: { "content-length": "0" } });
  });

  test("another algorithm is announced", async () => {
    const sha512 = { ...blob, digest: digestOf(bytes, "sha512") };
    const { registry, server } = await target(taking(() => "/upload/1"));
    await (await opened(registry, sha512)).send(content());
    expect(server.requests[0]?.url).toContain("digest-algorithm=sha512");
    expect(server.requests.at(-1)?.url).toContain("digest=sha512%3A");
  });

  test("the refusal of a registry that stops listening is heard (R5)", async () => {
    const large = Buffer.alloc(30_000_000, 7);
    const largeBlob = { mediaType: "application/x", digest: digestOf(large), size: large.length };
    const { registry } = await target(
      (request, response, incoming) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
          return;
        }
        incoming.once("data", () => {
          incoming.pause();
          response.writeHead(500, { connection: "close" });
          response.end(
            '{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":"write: no space left on device"}]}',
          );
          setTimeout(() => incoming.socket.destroy(), 50);
        });
      },
      { readBody: false },
    );
    for (let round = 0; round < 5; round++) {
      await expect((await opened(registry, largeBlob)).send(content(large))).rejects.toMatchObject({
        name: "RegistryError",
        status: 500,
        detail: "unknown error: write: no space left on device",
      });
    }
  });

  test("an answer that is lost is made good by asking for the blob", async () => {
    const { registry, server } = await target((request, response) => {
      if (request.method === "POST") {
        response.writeHead(202, { location: "/upload/1" }).end();
      } else if (request.method === "PUT") {
        response.destroy();
      } else {
        response.writeHead(200, { "content-length": bytes.length }).end();
      }
    });
    await (await opened(registry)).send(content());
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PUT", "HEAD"]);
  });

  test("a connection that breaks half way is an error, and is not sent again by itself", async () => {
    const { registry, server } = await target(
      (request, response, incoming) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
        } else {
          incoming.once("data", () => incoming.socket.destroy());
        }
      },
      { readBody: false },
    );
    const large = Buffer.alloc(30_000_000, 7);
    const upload = await opened(registry, { ...blob, digest: digestOf(large), size: large.length });
    await expect(upload.send(content(large))).rejects.toMatchObject({ code: "CONNECTION" });
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PUT"]);
  });

  test("content that fails ends the upload with its own error, uncommitted", async () => {
    let whole = false;
    const { registry } = await target(
      (request, response, incoming) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
        } else {
          incoming
            .on("error", () => undefined)
            .resume()
            .on("end", () => {
              whole = incoming.complete;
            });
        }
      },
      { readBody: false },
    );
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 100);
      throw new RangeError("the source broke");
    }
    await expect((await opened(registry)).send(failing())).rejects.toThrow("the source broke");
    expect(whole).toBe(false);
  });

  test("content is told when nobody wants it any more", async () => {
    let returned = false;
    const { registry } = await target(
      (request, response) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
        } else {
          response.writeHead(403, { connection: "close" }).end();
        }
      },
      { readBody: false },
    );
    const first = [Promise.resolve({ done: false as const, value: bytes.subarray(0, 100) })];
    const endless = {
      [Symbol.asyncIterator]: () => ({
        next: () => first.shift() ?? new Promise<IteratorResult<Uint8Array>>(() => undefined),
        return: async () => {
          returned = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    await expect((await opened(registry)).send(endless)).rejects.toMatchObject({ status: 403 });
    await expect.poll(() => returned).toBe(true);
  });

  test.each([
    [404, '{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}', "BLOB_UPLOAD_INVALID"],
    [404, "", "UNKNOWN"],
    [400, '{"errors":[{"code":"DIGEST_INVALID"}]}', "DIGEST_INVALID"],
    [413, "", "SIZE_INVALID"],
  ])("%d %s", async (status, body, code) => {
    const { registry } = await target((request, response) => {
      if (request.method === "POST") {
        response.writeHead(202, { location: "/v2/app/blobs/uploads/1" }).end();
      } else {
        response.writeHead(status).end(body);
      }
    });
    const expected = code === "UNKNOWN" ? "BLOB_UPLOAD_UNKNOWN" : code;
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({ status, code: expected });
  });

  test("201 for another digest is not success", async () => {
    const { registry } = await target((request, response) => {
      if (request.method === "POST") {
        response.writeHead(202, { location: "/upload/1" }).end();
      } else {
        response.writeHead(201, { "docker-content-digest": digestOf(Buffer.from("other")) }).end();
      }
    });
    await expect((await opened(registry)).send(content())).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("a registry that takes a trickle is given up, as one that takes nothing", async () => {
    const large = Buffer.alloc(40_000_000, 7);
    const server = await scriptedRegistry(
      (request, response, incoming) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
          return;
        }
        const timer = setInterval(() => incoming.read(1_000), 20);
        incoming.socket.once("close", () => clearInterval(timer));
      },
      { readBody: false },
    );
    onTestFinished(() => server.stop());
    const registry = createRegistry({
      ...{ address: server.origin, vendor: "generic", plainHttp: true, egress: allowAll },
      chunks: { thresholdBytes: large.length },
      patience: { commitMs: 1_000 },
    });
    onTestFinished(() => registry.close());
    const of = { ...blob, digest: digestOf(large), size: large.length };
    await expect((await opened(registry, of)).send(content(large))).rejects.toMatchObject({
      name: "TransportError",
      code: "TIMEOUT",
    });
  }, 30_000);

  test("a stop ends it at once", async () => {
    const { registry } = await target(
      (request, response) => {
        if (request.method === "POST") {
          response.writeHead(202, { location: "/upload/1" }).end();
        }
      },
      { readBody: false },
    );
    const controller = new AbortController();
    const result = await registry.repository("app").openUpload(blob, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("stopped")), 100);
    const sending = result.kind === "upload" ? result.upload.send(content()) : undefined;
    await expect(sending).rejects.toThrow("stopped");
  });
});

test("giving an upload back deletes the session and never fails", async () => {
  const { registry, server } = await target(taking(() => "/upload/1?_state=x"));
  await (await opened(registry)).cancel();
  expect(server.requests.at(-1)).toMatchObject({ method: "DELETE", url: "/upload/1?_state=x" });
  const broken = await target((request, response) => {
    if (request.method === "POST") {
      response.writeHead(202, { location: "/upload/1" }).end();
    } else {
      response.destroy();
    }
  });
  await (await opened(broken.registry)).cancel();
});
