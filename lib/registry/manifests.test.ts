import { describe, expect, onTestFinished, test } from "vitest";
import { type ScriptedRegistry, scriptedRegistry } from "../testing/scripted-registry.ts";
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { registryClient } from "./registry.testing.ts";
import type { Repository } from "./repository.ts";
import { MAX_MANIFEST_BYTES } from "./successors.ts";
import { digestOf } from "./verify.ts";

const bytes = Buffer.from(`{ "schemaVersion": 2,\n "mediaType": "${OCI_INDEX}", "manifests": [ ] }\n`);
const descriptor = { mediaType: OCI_INDEX, digest: digestOf(bytes), size: bytes.length };

async function repository(
  script: Parameters<typeof scriptedRegistry>[0],
): Promise<{ app: Repository; server: ScriptedRegistry }> {
  const server = await scriptedRegistry(script);
  onTestFinished(() => server.stop());
  const registry = registryClient(server.origin);
  return { app: registry.repository("team/app"), server };
}

const answering = (headers: Record<string, string>, body: Uint8Array | string = bytes) =>
  repository((request, response) => {
    response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : body);
  });

describe("what a reference names", () => {
  const complete = {
    "content-type": `${OCI_INDEX}; charset=utf-8`,
    "docker-content-digest": descriptor.digest,
    "content-length": String(bytes.length),
  };

  test("is known from HEAD alone", async () => {
    const { app, server } = await answering(complete);
    expect(await app.resolve("v1")).toEqual(descriptor);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "HEAD /v2/team/app/manifests/v1",
    ]);
    expect(server.requests[0]?.headers.accept).toContain(DOCKER_MANIFEST);
    expect(server.requests[0]?.headers.accept).toContain(OCI_INDEX);
  });

  test.each([
    ["the digest", { ...complete, "docker-content-digest": "" }],
    ["a digest that is one", { ...complete, "docker-content-digest": "sha256:../../x" }],
    ["the type", { ...complete, "content-type": "application/json" }],
  ])("is read where HEAD lacks %s", async (_what, headers) => {
    const { app, server } = await repository((request, response) => {
      if (request.method === "HEAD") {
        response.writeHead(200, headers).end();
      } else {
        response.writeHead(200, { "content-type": OCI_INDEX }).end(bytes);
      }
    });
    expect(await app.resolve("v1")).toEqual(descriptor);
    expect(server.requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  test("is read where HEAD lacks the length or is not known at all", async () => {
    for (const status of [200, 405, 501]) {
      const { app } = await repository((request, response) => {
        if (request.method === "HEAD") {
          response
            .writeHead(status, { "docker-content-digest": descriptor.digest, "content-type": OCI_INDEX })
            .end();
        } else {
          response.writeHead(200, { "content-type": OCI_INDEX }).end(bytes);
        }
      });
      expect(await app.resolve("v1")).toEqual(descriptor);
    }
  });

  test("is nothing where the registry does not know it", async () => {
    const { app } = await repository((_request, response) => void response.writeHead(404).end());
    expect(await app.resolve("v1")).toBeNull();
    const late = await repository((request, response) => {
      response.writeHead(request.method === "HEAD" ? 200 : 404).end();
    });
    expect(await late.app.resolve("v1")).toBeNull();
  });

  test("by digest is that digest, whatever HEAD says", async () => {
    const { app } = await answering({ ...complete, "docker-content-digest": digestOf(Buffer.from("other")) });
    await expect(app.resolve(descriptor.digest)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });
});

describe("whether a tag still names what is known", () => {
  const known = { ...descriptor };
  const other = digestOf(Buffer.from("other"));
  const full = {
    "content-type": OCI_INDEX,
    "docker-content-digest": descriptor.digest,
    "content-length": String(bytes.length),
  };

  /** HEAD is answered as given, GET with the manifest. */
  async function asked(status: number, headers: Record<string, string | undefined>) {
    const { app, server } = await repository((request, response) => {
      const head = request.method === "HEAD";
      response.writeHead(head ? status : 200, head ? { ...headers } : full).end(head ? undefined : bytes);
    });
    const named = await app.resolve("v1", { known });
    return { named, requests: server.requests };
  }

  test("is all that the registry says", async () => {
    for (const headers of [{}, { etag: `"${known.digest}"`, "docker-content-digest": known.digest }]) {
      const { named, requests } = await asked(304, headers);
      expect(named).toBe(known);
      expect(requests.map(({ method }) => method)).toEqual(["HEAD"]);
      expect(requests[0]?.headers["if-none-match"]).toBe(`"${known.digest}"`);
    }
  });

  test("is said in full by a registry that knows no short answer, and where it names something else by now", async () => {
    const same = await asked(200, full);
    expect(same.named).toEqual(known);
    expect(same.named).not.toBe(known);
    expect((await asked(200, { ...full, "docker-content-digest": other })).named?.digest).toBe(other);
    expect((await asked(404, {})).named).toBeNull();
  });

  test("is asked anew where the short answer names something else", async () => {
    for (const headers of [{ "docker-content-digest": other }, { etag: '"5d41402abc4b2a76"' }]) {
      const { named, requests } = await asked(304, headers);
      expect(named).toEqual(known);
      expect(requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
      expect(requests[1]?.headers["if-none-match"]).toBeUndefined();
    }
  });

  test("nobody is believed who says so without having been asked", async () => {
    const { app, server } = await repository((_request, response) => void response.writeHead(304).end());
    await expect(app.resolve("v1")).rejects.toMatchObject({ name: "RegistryError", status: 304 });
    await expect(app.fetchManifest("v1")).rejects.toMatchObject({ name: "RegistryError", status: 304 });
    expect(server.requests.every(({ headers }) => headers["if-none-match"] === undefined)).toBe(true);
  });
});

describe("reading what a tag is likely to name", () => {
  const known = {
    descriptor: { mediaType: OCI_INDEX, digest: digestOf(Buffer.from("known")), size: 5 },
    bytes: Buffer.from("known"),
  };

  /** Who is asked on condition is answered as given, others with the manifest. */
  async function read(status: number, headers: Record<string, string> = {}) {
    const { app, server } = await repository((request, response) => {
      const short = status === 304 && request.headers["if-none-match"] !== undefined;
      response.writeHead(short ? 304 : 200, short ? headers : { "content-type": OCI_INDEX });
      response.end(short ? undefined : bytes);
    });
    const manifest = await app.fetchManifest("v1", { known });
    return { manifest, conditions: server.requests.map((request) => request.headers["if-none-match"]) };
  }

  test("it is the manifest that is known, where the registry says no more than that", async () => {
    const { manifest, conditions } = await read(304);
    expect(manifest).toBe(known);
    expect(conditions).toEqual([`"${known.descriptor.digest}"`]);
  });

  test("another one is read", async () => {
    expect((await read(200)).manifest.bytes).toEqual(bytes);
  });

  test("a short answer that names something else is not believed", async () => {
    const { manifest, conditions } = await read(304, { "docker-content-digest": descriptor.digest });
    expect(manifest.bytes).toEqual(bytes);
    expect(conditions).toEqual([`"${known.descriptor.digest}"`, undefined]);
  });
});

describe("reading a manifest", () => {
  test("keeps every byte, and believes its own hash", async () => {
    const { app } = await answering({ "content-type": OCI_INDEX });
    const manifest = await app.fetchManifest("v1");
    expect(manifest.descriptor).toEqual(descriptor);
    expect(Buffer.from(manifest.bytes).equals(bytes)).toBe(true);
  });

  test("by sha512 hashes by sha512", async () => {
    const digest = digestOf(bytes, "sha512");
    const { app } = await answering({
      "content-type": OCI_INDEX,
      "docker-content-digest": descriptor.digest,
    });
    expect((await app.fetchManifest(digest)).descriptor.digest).toBe(digest);
  });

  test("takes the type from the body, else from the header without its parameters", async () => {
    const plain = Buffer.from('{"schemaVersion":2,"config":{},"layers":[]}');
    for (const [body, type, expected] of [
      [bytes, "application/json", OCI_INDEX],
      [bytes, "", OCI_INDEX],
      [plain, `${OCI_MANIFEST};charset=utf-8`, OCI_MANIFEST],
    ] as const) {
      const { app } = await answering({ "content-type": type }, body);
      expect((await app.fetchManifest("v1")).descriptor.mediaType).toBe(expected);
    }
  });

  test("damaged once is read once more; damaged twice is an error", async () => {
    for (const damaged of [1, 2]) {
      let nth = 0;
      const { app } = await repository((_request, response) => {
        nth += 1;
        response.writeHead(200, { "content-type": OCI_INDEX }).end(nth <= damaged ? `${bytes} ` : bytes);
      });
      const reading = app.fetchManifest(descriptor.digest);
      if (damaged === 1) {
        expect((await reading).descriptor).toEqual(descriptor);
      } else {
        await expect(reading).rejects.toMatchObject({ name: "ContentError", code: "DIGEST_MISMATCH" });
      }
    }
  });

  test.each([
    [
      "a digest header that lies",
      { "docker-content-digest": digestOf(Buffer.from("x")) },
      bytes,
      "DIGEST_MISMATCH",
    ],
    ["a type that contradicts the body", { "content-type": OCI_MANIFEST }, bytes, "UNREADABLE_MANIFEST"],
    ["a login page", { "content-type": "text/html" }, "<html>Log in</html>", "WEB_PAGE"],
    [
      "Docker schema 1, whose digest is not that of its bytes",
      {
        "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "docker-content-digest": digestOf(Buffer.from("payload")),
      },
      '{"schemaVersion":1,"signatures":[]}',
      "SCHEMA1_UNSUPPORTED",
    ],
    [
      "Docker schema 1 that calls itself JSON",
      { "content-type": "application/json", "docker-content-digest": digestOf(Buffer.from("payload")) },
      '{"schemaVersion":1,"signatures":[]}',
      "SCHEMA1_UNSUPPORTED",
    ],
    ["one byte too many", {}, Buffer.alloc(MAX_MANIFEST_BYTES + 1, " "), "MANIFEST_TOO_LARGE"],
  ])("refuses %s", async (_what, headers, body, code) => {
    const { app } = await answering(headers as Record<string, string>, body);
    await expect(app.fetchManifest("v1")).rejects.toMatchObject({ name: "ContentError", code });
  });

  test("refuses what does not end", async () => {
    let sent = 0;
    const { app } = await repository(async (_request, response) => {
      response.writeHead(200, { "content-type": OCI_INDEX });
      while (!response.destroyed) {
        sent += 65_536;
        await new Promise<void>((resolve) => {
          response.write(Buffer.alloc(65_536, " "), () => resolve());
        });
      }
    });
    await expect(app.fetchManifest("v1")).rejects.toMatchObject({ code: "MANIFEST_TOO_LARGE" });
    expect(sent).toBeLessThan(3 * MAX_MANIFEST_BYTES);
  });

  test("of exactly 4 MiB is fine", async () => {
    const large = Buffer.concat([bytes, Buffer.alloc(MAX_MANIFEST_BYTES - bytes.length, " ")]);
    const { app } = await answering({ "content-type": OCI_INDEX }, large);
    expect((await app.fetchManifest("v1")).descriptor.size).toBe(MAX_MANIFEST_BYTES);
  });
});

describe("sending a manifest", () => {
  const manifest = { descriptor, bytes };
  const stored = (headers: Record<string, string> = {}) =>
    repository((_request, response) => void response.writeHead(201, headers).end());

  test("byte for byte, by digest or to a tag, with the type of the body", async () => {
    const { app, server } = await stored({ "docker-content-digest": descriptor.digest });
    await app.pushManifest(manifest);
    await app.pushManifest(manifest, { tag: "v1" });
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `PUT /v2/team/app/manifests/${descriptor.digest}`,
      "PUT /v2/team/app/manifests/v1",
    ]);
    for (const request of server.requests) {
      expect(request.headers["content-type"]).toBe(OCI_INDEX);
      expect(request.body.equals(bytes)).toBe(true);
    }
  });

  test("that the registry stored as something else is an error", async () => {
    const { app } = await stored({ "docker-content-digest": digestOf(Buffer.from("x")) });
    await expect(app.pushManifest(manifest)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    const other = await stored({ "docker-content-digest": digestOf(bytes, "sha512") });
    await other.app.pushManifest(manifest);
  });

  test("too large is known before it is sent, or when the registry says so", async () => {
    const { app, server } = await stored();
    const large = Buffer.alloc(MAX_MANIFEST_BYTES + 1, " ");
    await expect(app.pushManifest({ descriptor, bytes: large })).rejects.toMatchObject({
      code: "MANIFEST_TOO_LARGE",
    });
    expect(server.requests).toHaveLength(0);
    for (const [status, body] of [
      [
        400,
        '{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid","detail":"http: request body too large"}]}',
      ],
      [413, ""],
    ] as const) {
      const small = await repository((_request, response) => void response.writeHead(status).end(body));
      await expect(small.app.pushManifest(manifest)).rejects.toMatchObject({ code: "MANIFEST_TOO_LARGE" });
    }
  });

  test("an answer that is lost is asked for again with the same bytes", async () => {
    let nth = 0;
    const { app, server } = await repository(({ method }, response) => {
      nth += 1;
      if (nth === 1) {
        response.destroy();
      } else {
        response.writeHead(method === "HEAD" ? 404 : 201).end();
      }
    });
    await app.pushManifest(manifest, { tag: "v1" });
    expect(server.requests.map(({ method }) => method)).toEqual(["PUT", "HEAD", "PUT"]);
    expect(server.requests[2]?.body.equals(bytes)).toBe(true);
  });

  test("an answer that is lost is enough where the manifest stands", async () => {
    const { app, server } = await repository(({ method }, response) => {
      if (method === "PUT") {
        response.destroy();
      } else {
        response.writeHead(200, { "docker-content-digest": descriptor.digest }).end();
      }
    });
    await app.pushManifest(manifest, { tag: "v1" });
    expect(server.requests.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
  });

  describe.each([
    [
      400,
      { code: "TAG_INVALID", message: "The image tag already exists and cannot be overwritten: immutable" },
    ],
    [403, { code: "DENIED", message: "tag is immutable" }],
    [409, { code: "DENIED", message: "tag is immutable" }],
    [
      412,
      { code: "PRECONDITION", message: "Failed to process request due to 'app:v1' configured as immutable." },
    ],
  ])("a tag that must not change (%d)", (status, said) => {
    const standing = (digest: string) =>
      repository(({ method }, response) => {
        if (method === "PUT") {
          response.writeHead(status).end(JSON.stringify({ errors: [said] }));
        } else {
          response.writeHead(200, { "docker-content-digest": digest }).end();
        }
      });

    test("and has been written meanwhile as it was wanted is no failure", async () => {
      const { app, server } = await standing(descriptor.digest);
      await app.pushManifest(manifest, { tag: "v1" });
      expect(server.requests.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
    });

    test("and names something else is refused in the registry's words", async () => {
      const { app } = await standing(`sha256:${"0".repeat(64)}`);
      const failure = await app.pushManifest(manifest, { tag: "v1" }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ status, detail: said.message });
    });
  });
});

test.each(["", "../x", "a b", ".x", "sha256:x", "a".repeat(129)])(
  "%j never becomes part of a URL",
  async (reference) => {
    const { app, server } = await repository((_request, response) => void response.end());
    await expect(app.fetchManifest(reference)).rejects.toMatchObject({ code: "TAG_INVALID" });
    expect(server.requests).toHaveLength(0);
  },
);
