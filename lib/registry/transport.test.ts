import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ScriptedRegistry, scriptedRegistry } from "../testing/scripted-registry.ts";
import { egressRule } from "./egress.ts";
import { registryClient } from "./registry.testing.ts";
import type { Registry, RegistryOptions } from "./repository.ts";
import { digestOf } from "./verify.ts";

const PASSWORD = "correct-horse-battery";
const BASIC = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString("base64")}`;
const blob = Buffer.from("the bytes of a blob");
const descriptor = { mediaType: "application/x", digest: digestOf(blob), size: blob.length };

async function scripted(...script: Parameters<typeof scriptedRegistry>): Promise<ScriptedRegistry> {
  const server = await scriptedRegistry(...script);
  onTestFinished(() => server.stop());
  return server;
}

function client(server: { origin: string }, options: Partial<RegistryOptions> = {}): Registry {
  return registryClient(server.origin, options);
}

async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) {
    items.push(...page);
  }
  return items;
}

async function read(registry: Registry): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await registry.repository("app").fetchBlob(descriptor)) {
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** A registry that wants Basic, and then does what the test says. */
function guarded(then: Parameters<typeof scriptedRegistry>[0]): Promise<ScriptedRegistry> {
  return scripted(async (request, response, incoming) => {
    if (request.headers.authorization !== BASIC) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
    } else {
      await then(request, response, incoming);
    }
  });
}

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])(
    "%d to another host is followed without credentials",
    async (status) => {
      const cdn = await scripted((_request, response) => void response.end(blob));
      const server = await guarded((_request, response) => {
        response.writeHead(status, { location: `${cdn.origin}/bucket?X-Signature=secret` }).end();
      });
      const registry = client(server, { username: "robot", password: PASSWORD });
      expect(await read(registry)).toEqual(blob);
      expect(cdn.requests.map(({ url }) => url)).toEqual(["/bucket?X-Signature=secret"]);
      expect(cdn.requests[0]?.headers.authorization).toBeUndefined();
      expect(cdn.requests[0]?.headers["accept-encoding"]).toBe("identity");
    },
  );

  test("within the registry the credentials stay", async () => {
    const server = await guarded((request, response) => {
      if (request.url.startsWith("/elsewhere")) {
        response.end(blob);
      } else {
        response.writeHead(307, { location: "/elsewhere" }).end();
      }
    });
    expect(await read(client(server, { username: "robot", password: PASSWORD }))).toEqual(blob);
  });

  test("a challenge of the host that a redirect led to is not answered", async () => {
    const evil = await scripted((_request, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="give it to me"' }).end();
    });
    const server = await guarded((_request, response) => {
      response.writeHead(302, { location: `${evil.origin}/x` }).end();
    });
    const registry = client(server, { username: "robot", password: PASSWORD });
    await expect(read(registry)).rejects.toMatchObject({ name: "RegistryError", status: 401 });
    expect(evil.requests).toHaveLength(1);
    expect(evil.requests[0]?.headers.authorization).toBeUndefined();
  });

  test.each([
    ["in a circle", (origin: string) => `${origin}/v2/app/blobs/${descriptor.digest}`],
    ["to a file", () => "file:///etc/passwd"],
    ["to gopher", () => "gopher://127.0.0.1:6379/_x"],
    ["with credentials in it", (origin: string) => origin.replace("http://", "http://a:b@")],
    ["to nowhere", () => "http://"],
  ])("%s is refused", async (_what, location) => {
    const server = await scripted((_request, response) => {
      response.writeHead(307, { location: location(server.origin) }).end();
    });
    await expect(read(client(server))).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });

  test("a redirect is dialled through the egress rule as well", async () => {
    const inner = await scripted((_request, response) => void response.end(blob));
    const server = await scripted((_request, response) => {
      response.writeHead(307, { location: inner.origin.replace("127.0.0.1", "127.0.0.2") }).end();
    });
    const registry = client(server, { egress: egressRule(["127.0.0.1"]) });
    await expect(read(registry)).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    expect(inner.requests).toHaveLength(0);
  });

  test("of a request that writes is refused", async () => {
    const evil = await scripted((_request, response) => void response.writeHead(202).end());
    const server = await scripted((_request, response) => {
      response.writeHead(307, { location: `${evil.origin}/v2/app/blobs/uploads/` }).end();
    });
    const repository = client(server).repository("app");
    await expect(repository.openUpload(descriptor)).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
    expect(evil.requests).toHaveLength(0);
  });
});

describe("the dial hook", () => {
  test.each([
    "http://127.0.0.1",
    "http://localhost",
    "http://[::1]",
    "http://2130706433",
    "http://0x7f.1",
    "http://127.1",
    "http://0.0.0.0",
    "http://[::ffff:127.0.0.1]",
    "http://169.254.169.254",
  ])("%s is not dialled without permission", async (host) => {
    const server = await scripted((_request, response) => void response.end("{}"));
    const port = new URL(server.origin).port;
    const registry = client({ origin: `${host}:${port}` }, { egress: egressRule([]) });
    await expect(registry.check()).rejects.toMatchObject({ code: "EGRESS_DENIED" });
    expect(server.requests).toHaveLength(0);
    expect(registry.requests).toBe(1);
  });

  test("a name that cannot be resolved fails closed", async () => {
    const registry = client({ origin: "http://does-not-exist.invalid" }, { egress: egressRule([]) });
    await expect(registry.check()).rejects.toMatchObject({ code: "DNS" });
  });
});

describe("asking again", () => {
  test("429 waits as long as it is told and says so", async () => {
    let asked = 0;
    const server = await scripted((_request, response) => {
      asked += 1;
      if (asked === 1) {
        response.writeHead(429, { "retry-after": "1" }).end();
      } else {
        response.end('{"tags":["a"]}');
      }
    });
    const waits: unknown[] = [];
    const registry = client(server, { onWait: (wait) => waits.push(wait?.reason ?? null) });
    const started = performance.now();
    expect(await all(registry.repository("app").tags())).toEqual(["a"]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1000);
    expect(waits).toEqual(["rate-limit", null]);
    expect(registry.requests).toBe(2);
  });

  test.each([500, 502, 503, 504, 408, 425])("%d is asked again", async (status) => {
    let asked = 0;
    const server = await scripted((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? status : 200).end('{"tags":["a"]}');
    });
    expect(await all(client(server).repository("app").tags())).toEqual(["a"]);
    expect(asked).toBe(2);
  });

  test("a broken connection and a body that ends early are asked again", async () => {
    let asked = 0;
    const server = await scripted((_request, response) => {
      asked += 1;
      if (asked === 1) {
        response.destroy();
      } else if (asked === 2) {
        response.writeHead(200, { "content-length": "1000" }).write('{"tags":');
        setTimeout(() => response.destroy(), 20);
      } else {
        response.end('{"tags":["a"]}');
      }
    });
    expect(await all(client(server).repository("app").tags())).toEqual(["a"]);
    expect(asked).toBe(3);
  });

  test.each([400, 401, 403, 405, 409, 501])("%d is an answer", async (status) => {
    const server = await scripted((_request, response) => void response.writeHead(status).end());
    await expect(all(client(server).repository("app").tags())).rejects.toMatchObject({ status });
    expect(server.requests).toHaveLength(1);
  });

  test("a wait ends at once when its caller gives up", async () => {
    const server = await scripted(
      (_request, response) => void response.writeHead(503, { "retry-after": "60" }).end(),
    );
    const signal = AbortSignal.timeout(100);
    await expect(client(server).repository("app").resolve("x", { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  test("so does a request that nobody answers, and one that cannot even connect", async () => {
    const silent = await scripted(() => undefined);
    const signal = () => AbortSignal.timeout(100);
    await expect(client(silent).repository("app").resolve("x", { signal: signal() })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    // 192.0.2.0/24 is documentation: nothing answers there, not even a refusal.
    const nowhere = client({ origin: "http://192.0.2.1" });
    await expect(nowhere.repository("app").resolve("x", { signal: signal() })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

describe("what a registry says when it refuses", () => {
  const refusal = async (status: number, body: string, headers: Record<string, string> = {}) => {
    const server = await scripted((_request, response) => void response.writeHead(status, headers).end(body));
    const registry = client(server, { username: "robot", password: PASSWORD });
    return registry
      .repository("app")
      .fetchManifest("x")
      .catch((error: unknown) => error);
  };

  test.each([
    [
      404,
      '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}}]}',
      "MANIFEST_UNKNOWN",
      'manifest unknown: {"Tag":"x"}',
    ],
    [404, '{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}', "NAME_UNKNOWN", "no"],
    [404, "404 page not found\n", "MANIFEST_UNKNOWN", "404 page not found"],
    [403, "", "DENIED", ""],
    [405, "nope", "UNSUPPORTED", "nope"],
    [400, '{"errors":[{"code":"SOMETHING_NEW","message":"m"}]}', "UNKNOWN", "m"],
    [400, '{"errors":[]}', "UNKNOWN", '{"errors":[]}'],
    [400, '{"errors":null,"message":"flat"}', "UNKNOWN", "flat"],
    [
      403,
      "<html><head><title>Blocked by proxy</title></head></html>",
      "DENIED",
      "a web page: Blocked by proxy",
    ],
    [400, `see https://x/y?token=abc\u0007\n\u202e${PASSWORD}`, "UNKNOWN", "see https://x/y?… …"],
    [400, "x".repeat(1024 * 1024), "UNKNOWN", "x".repeat(1024)],
  ])("%d %s", async (status, body, code, detail) => {
    expect(await refusal(status, body)).toMatchObject({ name: "RegistryError", status, code, detail });
  });

  test("never repeats the password, and names the request without its query", async () => {
    const server = await guarded((_request, response) => {
      response.writeHead(400).end(`you sent ${BASIC} and ${PASSWORD}`);
    });
    const registry = client(server, { username: "robot", password: PASSWORD });
    const error = await all(registry.repository("app").tags()).catch((caught: unknown) => caught);
    expect(String(error)).toContain("GET ");
    expect(String(error)).toContain("/v2/app/tags/list");
    expect(String(error)).not.toContain("n=1000");
    expect(JSON.stringify(error) + String(error)).not.toContain(PASSWORD);
    expect(JSON.stringify(error) + String(error)).not.toContain(BASIC.slice(6));
  });
});

test("a connection is used again after every method, HEAD included", async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("data", (data) => {
      const head = data.toString().startsWith("HEAD");
      const digest = `Docker-Content-Digest: ${descriptor.digest}\r\n`;
      const type = "Content-Type: application/vnd.oci.image.manifest.v1+json\r\n";
      socket.write(
        `HTTP/1.1 ${head ? "200 OK" : "404 Not Found"}\r\n${digest}${type}Content-Length: 2\r\n\r\n${head ? "" : "{}"}`,
      );
    });
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const registry = client({ origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}` });
  for (let round = 0; round < 10; round++) {
    expect(await registry.repository("app").resolve("x")).toMatchObject({ digest: descriptor.digest });
    expect(await all(registry.repository("app").tags())).toEqual([]);
  }
  expect(connections).toBe(1);
});

test("never more requests at once than allowed", async () => {
  let active = 0;
  let most = 0;
  const server = await scripted(async (_request, response) => {
    active += 1;
    most = Math.max(most, active);
    await new Promise((resolve) => setTimeout(resolve, 20));
    active -= 1;
    response.writeHead(404).end();
  });
  const registry = client(server, { concurrency: 4 });
  await Promise.all(Array.from({ length: 40 }, () => registry.repository("app").resolve("x")));
  expect(most).toBe(4);
});

test.each([
  [{ address: "http://registry.example.com", plainHttp: false }],
  [{ address: "https://registry.example.com/path" }],
  [{ address: "https://a:b@registry.example.com" }],
  [{ address: "https://registry.example.com?x" }],
  [{ address: "ftp://registry.example.com" }],
  [{ address: "registry.example.com" }],
])("%j is no address", (options) => {
  expect(() => client({ origin: "" }, options)).toThrow(TypeError);
});

test.each(["../etc", "App", "a//b", "", "a?b=c"])("%j never becomes part of a URL", (name) => {
  const registry = client({ origin: "http://registry.example.com" });
  expect(() => registry.repository(name)).toThrow("NAME_INVALID");
});
