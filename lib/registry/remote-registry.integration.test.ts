import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createTestCa, type TestCa } from "../testing/certificates.ts";
import { clientOf, manifestOf, orasPush, skopeoCopy, skopeoDigest, skopeoPull } from "../testing/clients.ts";
import { image, index, layer } from "../testing/content.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { helmChart } from "../testing/helm-chart.ts";
import { pushContent } from "../testing/push-content.ts";
import { allowAll } from "./egress.ts";
import { isManifest } from "./media-types.ts";
import { createRegistry } from "./remote-registry.ts";
import type { Registry, RegistryOptions, Repository } from "./repository.ts";
import { resourceKindOf, successors } from "./successors.ts";

const account = { username: "robot", password: "correct-horse-battery" };
let ca: TestCa;
let plain: DockerRegistry;
let guarded: DockerRegistry;

beforeAll(async () => {
  ca = await createTestCa();
  [plain, guarded] = await Promise.all([
    startDockerRegistry(),
    startDockerRegistry({ htpasswd: account, tls: ca }),
  ]);
});

afterAll(async () => {
  await Promise.all([plain?.stop(), guarded?.stop()]);
  await ca?.remove();
});

function client(options: Partial<RegistryOptions> & { address: string }): Registry {
  const plainHttp = options.address.startsWith("http:");
  const registry = createRegistry({ vendor: "distribution", plainHttp, egress: allowAll, ...options });
  onTestFinished(() => registry.close());
  return registry;
}

const plainClient = () => client({ address: plain.origin });
const guardedClient = () => client({ address: guarded.origin, ...account, caCertificate: ca.certificate });

async function all<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) {
    items.push(...page);
  }
  return items;
}

/** A copy in its simplest form: children first. */
async function copy(source: Repository, target: Repository, reference: string, tag?: string): Promise<void> {
  const manifest = await source.fetchManifest(reference);
  for (const child of successors(manifest)) {
    if (isManifest(child.mediaType)) {
      await copy(source, target, child.digest);
      continue;
    }
    const opened = await target.openUpload(child);
    if (opened.kind === "upload") {
      await opened.upload.send(await source.fetchBlob(child));
    }
  }
  await target.pushManifest(manifest, { tag });
}

describe("content of independent clients", () => {
  test("goes from one registry to another, over TLS and Basic, and is the same there for skopeo", async () => {
    const shared = layer("shared", 10_000);
    const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
    const multi = index(
      platforms.map((platform) =>
        image({ layers: [layer(platform.architecture, 20_000), shared], platform }),
      ),
    );
    await pushContent(plain.origin, "made/multi", "v1", multi);
    const source = clientOf(plain, { plainHttp: true });
    const target = clientOf(guarded, { account, ca });
    // Once through skopeo, so that what we read was written by somebody else.
    await skopeoCopy(
      { registry: source, repository: "made/multi", tag: "v1" },
      { registry: source, repository: "team/multi", tag: "v1" },
    );
    await copy(
      plainClient().repository("team/multi"),
      guardedClient().repository("copied/multi"),
      "v1",
      "v1",
    );
    expect(await skopeoDigest(target, "copied/multi", "v1")).toBe(
      await skopeoDigest(source, "team/multi", "v1"),
    );
    expect((await skopeoPull(target, "copied/multi", "v1")).length).toBeGreaterThan(0);
  });

  test("an artifact of oras, with an empty layer and a layer of 5 MB", async () => {
    const large = Buffer.alloc(5_000_000, 7);
    const registry = clientOf(plain, { plainHttp: true });
    const files = [
      { name: "empty.bin", content: "" },
      { name: "large.bin", content: large },
    ];
    const digest = await orasPush(registry, "team/artifact", "a", files, {
      artifactType: "application/vnd.example",
    });
    const repository = plainClient().repository("team/artifact");
    expect((await repository.resolve("a"))?.digest).toBe(digest);
    await copy(repository, guardedClient().repository("copied/artifact"), digest, "a");
    const arrived = await manifestOf(clientOf(guarded, { account, ca }), "copied/artifact", "a");
    expect(arrived.digest).toBe(digest);
    const hash = createHash("sha256");
    const blob = successors(await repository.fetchManifest(digest)).find(({ size }) => size === large.length);
    for await (const chunk of await guardedClient()
      .repository("copied/artifact")
      .fetchBlob(blob as NonNullable<typeof blob>)) {
      hash.update(chunk);
    }
    expect(`sha256:${hash.digest("hex")}`).toBe(blob?.digest);
  });

  test("a chart is known by its config", async () => {
    await pushContent(plain.origin, "charts/web", "1.0.0", helmChart({ name: "web", version: "1.0.0" }));
    expect(resourceKindOf(await plainClient().repository("charts/web").fetchManifest("1.0.0"))).toBe("chart");
  });
});

describe("what CNCF Distribution does", () => {
  test("says in short that a tag still names what is known, and in full what it names else", async () => {
    const [first, second] = ["first", "second"].map((name) => image({ layers: [layer(name, 500)] }));
    if (!first || !second) {
      throw new Error("expected two images");
    }
    const push = (artifact: typeof first) => pushContent(plain.origin, "known/image", "v1", artifact);
    await push(first);
    const repository = plainClient().repository("known/image");
    const known = await repository.resolve("v1");
    expect(known?.digest).toBe(first.manifest.digest);
    const again = () => repository.resolve("v1", { known: known ?? undefined });
    expect(await again()).toBe(known);
    await push(second);
    expect((await again())?.digest).toBe(second.manifest.digest);
    await push(first);
    expect(await again()).toBe(known);
  });

  test("mounts from another repository, and takes the bytes where it cannot", async () => {
    const artifact = image({ layers: [layer("mounted", 5_000)] });
    await pushContent(plain.origin, "base/image", "v1", artifact);
    const registry = plainClient();
    const [blob] = successors(await registry.repository("base/image").fetchManifest("v1"));
    if (!blob) {
      throw new Error("expected a blob");
    }
    const repository = registry.repository("mounting/image");
    expect(await repository.hasBlob(blob)).toBe(false);
    const elsewhere = await repository.openUpload(blob, { mountFrom: "no/such" });
    expect(elsewhere.kind).toBe("upload");
    expect(await repository.openUpload(blob, { mountFrom: "base/image" })).toEqual({ kind: "mounted" });
    expect(await repository.hasBlob(blob)).toBe(true);
    if (elsewhere.kind === "upload") {
      await elsewhere.upload.cancel();
    }
  });

  test("refuses a manifest before its children, and bytes that are others", async () => {
    await pushContent(plain.origin, "base/strict", "v1", image({ layers: [layer("strict", 5_000)] }));
    const registry = plainClient();
    const manifest = await registry.repository("base/strict").fetchManifest("v1");
    const target = registry.repository("strict/target");
    await expect(target.pushManifest(manifest, { tag: "v1" })).rejects.toMatchObject({
      code: "MANIFEST_BLOB_UNKNOWN",
    });
    expect(await target.resolve("v1")).toBeNull();
    const wrong = { mediaType: "application/x", digest: `sha256:${"0".repeat(64)}`, size: 3 };
    const opened = await target.openUpload(wrong);
    const sending =
      opened.kind === "upload" ? opened.upload.send(Readable.from([Buffer.from("abc")])) : undefined;
    await expect(sending).rejects.toMatchObject({ code: "DIGEST_INVALID" });
    expect(await target.hasBlob(wrong)).toBe(false);
  });

  test("lists by pages, a namespace alone where it is asked for, and nothing of what it does not know", async () => {
    for (const name of ["list/a", "list/b/c", "list-2/x", "listing/y"]) {
      await pushContent(plain.origin, name, "v1", image({ layers: [layer("listed", 5_000)] }));
      await pushContent(plain.origin, name, "v2", image({ layers: [layer("listed", 5_000)] }));
    }
    const registry = plainClient();
    expect(await all(registry.repositories({ namespace: "list" }))).toEqual(["list/a", "list/b/c"]);
    expect(await all(registry.repositories())).toEqual(
      expect.arrayContaining(["list/a", "list-2/x", "listing/y"]),
    );
    expect((await all(registry.repository("list/a").tags())).sort()).toEqual(["v1", "v2"]);
    expect(await all(registry.repository("no/such").tags())).toEqual([]);
    expect(await registry.repository("no/such").resolve("v1")).toBeNull();
    await expect(registry.repository("no/such").fetchManifest("v1")).rejects.toMatchObject({ status: 404 });
  });

  test("answers 200 questions at once with as many requests", async () => {
    const registry = plainClient();
    await Promise.all(Array.from({ length: 200 }, (_, n) => registry.repository("no/such").resolve(`t${n}`)));
    expect(registry.requests).toBe(200);
  });
});

describe("a check", () => {
  test("authenticates and lists", async () => {
    expect(await plainClient().check()).toMatchObject({ authentication: "anonymous", canList: true });
    expect(await guardedClient().check()).toMatchObject({ authentication: "basic", canList: true });
  });

  test.each([
    ["a wrong password", { password: "wrong" }],
    ["no password", { username: undefined, password: undefined }],
  ])("%s is refused", async (_what, options) => {
    const registry = client({
      address: guarded.origin,
      ...account,
      caCertificate: ca.certificate,
      ...options,
    });
    await expect(registry.check()).rejects.toMatchObject({
      name: "RegistryError",
      code: "UNAUTHORIZED",
      status: 401,
    });
  });

  test("an authority that nobody vouched for ends it at once", async () => {
    const registry = client({ address: guarded.origin, ...account });
    await expect(registry.check()).rejects.toMatchObject({ name: "TransportError", code: "TLS" });
    await expect(registry.repository("a").resolve("b")).rejects.toMatchObject({ code: "TLS" });
    expect(registry.requests).toBe(2);
  });

  test("http at an https port and https at an http port", async () => {
    await expect(client({ address: guarded.origin.replace("https", "http") }).check()).rejects.toThrow();
    const tls = client({ address: plain.origin.replace("http", "https") });
    await expect(tls.check()).rejects.toMatchObject({ code: "TLS" });
  });
});

test.each([
  ["expired", { days: -1 }],
  ["of another host", { names: ["DNS:registry.example.com"] }],
])("a certificate that is %s ends it at once", async (_what, options) => {
  const { certificate, key } = await ca.issue(options);
  let asked = 0;
  const server = createServer({ cert: certificate, key }, (_request, response) => {
    asked += 1;
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const port = (server.address() as AddressInfo).port;
  const registry = client({ address: `https://127.0.0.1:${port}`, caCertificate: ca.certificate });
  await expect(registry.repository("a").resolve("b")).rejects.toMatchObject({ code: "TLS" });
  expect({ asked, requests: registry.requests }).toEqual({ asked: 0, requests: 1 });
});
