import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ClientRegistry,
  clientOf,
  manifestOf,
  orasCopy,
  skopeoDigest,
  skopeoPull,
} from "../testing/clients.ts";
import { descriptorOf, image, layer } from "../testing/content.ts";
import {
  CORPUS_FOREIGN_URLS,
  type CorpusEntry,
  corpus,
  manifestOf as corpusManifest,
  sha512Piece,
} from "../testing/corpus.ts";
import { type DockerRegistry, startDockerRegistry } from "../testing/docker-registry.ts";
import { type FaultProxy, startFaultProxy } from "../testing/fault-proxy/fault-proxy.ts";
import { pullAndHash } from "../testing/pull-and-hash.ts";
import { pushContent } from "../testing/push-content.ts";
import { runSync, type SyncRun } from "../testing/sync-command.ts";

// Every kind of content that a client can push, between two CNCF Distributions: the target is told from the source by nobody.

const ENTRIES = corpus("corpus");
const MIRROR = (repository: string) => repository.replace(/^corpus\//, "mirror/");
/** Pushed by its digest alone: no list tells of it. */
const UNTAGGED = image({ layers: [layer("corpus-untagged", 2_000)] });
let source: DockerRegistry;
let target: DockerRegistry;
let sourceClient: ClientRegistry;
let targetClient: ClientRegistry;
let first: SyncRun;

beforeAll(async () => {
  [source, target] = await Promise.all([
    startDockerRegistry({ foreignUrls: CORPUS_FOREIGN_URLS }),
    startDockerRegistry({ foreignUrls: CORPUS_FOREIGN_URLS }),
  ]);
  sourceClient = clientOf(source, { plainHttp: true });
  targetClient = clientOf(target, { plainHttp: true });
  for (const { repository, tag, artifact } of ENTRIES) {
    await pushContent(source.origin, repository, tag, artifact);
  }
  await pushContent(source.origin, "corpus/oci", UNTAGGED.manifest.digest, UNTAGGED);
  first = await sync(source);
});
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()]);
});

function sync(from: { origin: string }, ...more: string[]): Promise<SyncRun> {
  return runSync([
    ...["--source", from.origin, "--source-plain-http", "--source-namespace", "corpus"],
    ...["--target", target.origin, "--target-plain-http", "--target-namespace", "mirror", ...more],
  ]);
}

test("all of it is copied", () => {
  expect([first.exitCode, first.stderr]).toEqual([0, ""]);
  expect(first.summary).toMatchObject({ copied: ENTRIES.length, failed: 0, skipped: 0 });
});

describe.each(ENTRIES.map((entry) => [entry.repository.replace(/^corpus\//, ""), entry.tag, entry] as const))(
  "%s:%s",
  (_name, _tag, { repository, tag, artifact, runs }: CorpusEntry) => {
    const mirror = MIRROR(repository);

    test("the manifest is the same to the byte, and every byte that it names is there", async () => {
      const [here, there] = await Promise.all([
        skopeoDigest(sourceClient, repository, tag),
        skopeoDigest(targetClient, mirror, tag),
      ]);
      expect([here, there]).toEqual([artifact.manifest.digest, artifact.manifest.digest]);
      const pulled = await pullAndHash(target.origin, mirror, tag);
      expect(pulled).toEqual(await pullAndHash(source.origin, repository, tag));
    });

    test(`${runs ? "skopeo" : "oras"} takes all of it from the target`, async () => {
      if (runs) {
        expect((await skopeoPull(targetClient, mirror, tag)).length).toBeGreaterThan(0);
        return;
      }
      expect((await manifestOf(targetClient, mirror, tag)).digest).toBe(artifact.manifest.digest);
      // oras wants the bytes of each layer, also of those that are elsewhere, and knows no other algorithm's blobs here.
      if (!/foreign|sha512/.test(repository)) {
        await orasCopy(
          { registry: targetClient, repository: mirror, tag },
          { registry: targetClient, repository: `again/${mirror}`, tag },
        );
      }
    });
  },
);

test("a foreign layer is copied where the source holds it, and stays a reference where it does not", async () => {
  const layerOf = (name: string) => {
    const { artifact } = ENTRIES.find(({ repository }) => repository.endsWith(name)) as CorpusEntry;
    const { layers } = JSON.parse(artifact.manifest.bytes.toString()) as { layers: { digest: string }[] };
    return layers[0]?.digest ?? "";
  };
  const at = async (name: string) =>
    (await fetch(`${target.origin}/v2/mirror/${name}/blobs/${layerOf(name)}`, { method: "HEAD" })).status;
  expect([await at("foreign-held"), await at("foreign-elsewhere"), await at("docker-foreign")]).toEqual([
    200, 404, 404,
  ]);
});

test("a blob that is named by sha512 stays where it stands when another tag or repository needs it", async () => {
  const held = sha512Piece(
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "shared by sha512",
  );
  // Whoever names where else it is may be without it: 2.8.3 does not look whether it is there, and so does not save us.
  const urls = ["https://layers.example.com/three"];
  const named = (seed: string) => {
    const { manifest, blobs } = corpusManifest([], {
      layers: [{ ...descriptorOf(held), urls }],
      annotations: { seed },
    });
    return { manifest, blobs: [...blobs, held], children: [] };
  };
  const copy = () => sync(source, "--source-namespace", "sha512", "--target-namespace", "sha512");
  for (const [repository, tag] of [
    ["one", "v1"],
    ["one", "v2"],
    ["other", "v1"],
  ] as const) {
    await pushContent(source.origin, `sha512/${repository}`, tag, named(`${repository} ${tag}`));
    expect(await copy()).toMatchObject({ exitCode: 0, stderr: "" });
  }
  for (const repository of ["one", "other"]) {
    const at = `${target.origin}/v2/sha512/${repository}/blobs/${held.digest}`;
    expect((await fetch(at, { method: "HEAD" })).status).toBe(200);
  }
});

test("what no tag leads to stays where it is (T6)", async () => {
  const { digest } = UNTAGGED.manifest;
  expect((await manifestOf(sourceClient, "corpus/oci", digest)).digest).toBe(digest);
  await expect(manifestOf(targetClient, "mirror/oci", digest)).rejects.toThrow(/not found/);
});

test("a second run writes nothing and reads no blob: the registries' own logs say so", async () => {
  const before = { source: (await source.accessLog()).total, target: (await target.accessLog()).total };
  const again = await sync(source, "--override");
  expect([again.exitCode, again.stderr]).toEqual([0, ""]);
  expect(again.summary).toMatchObject({ copied: 0, upToDate: ENTRIES.length, failed: 0, bytesCopied: 0 });
  const asked = {
    source: (await source.accessLog()).entries.slice(before.source),
    target: (await target.accessLog()).entries.slice(before.target),
  };
  expect(asked.source.length).toBeGreaterThan(ENTRIES.length);
  expect(asked.target.length).toBeGreaterThanOrEqual(ENTRIES.length);
  const written = asked.target.filter(({ method }) => !["GET", "HEAD"].includes(method));
  expect(written).toEqual([]);
  expect(asked.source.filter(({ path }) => path.includes("/blobs/"))).toEqual([]);
});

describe("Docker schema 1", () => {
  const SIGNED = JSON.stringify({
    schemaVersion: 1,
    ...{ name: "corpus/oci", tag: "v1", architecture: "amd64", fsLayers: [], history: [], signatures: [] },
  });
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(source.origin);
    const headers = {
      "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
      // Of what was signed, not of the bytes that are sent (T13).
      "docker-content-digest": `sha256:${"5".repeat(64)}`,
    };
    const body = Buffer.from(SIGNED);
    proxy.add({ path: /\/corpus\/oci\/manifests\/v1$/, fault: { kind: "swap-body", body, headers } });
  });
  afterAll(() => proxy?.stop());

  test("is refused by name, with what to do; everything else is copied", async () => {
    const run = await sync(proxy, "--target-namespace", "schema1");
    const said = `${run.stdout}\n${run.stderr}`;
    expect(run.exitCode).not.toBe(0);
    expect(said).toContain("SCHEMA1_UNSUPPORTED");
    expect(said).toContain("old Docker schema 1 image");
    expect(said).toContain("push it to the source again");
    expect(run.summary).toMatchObject({ failed: 1, copied: ENTRIES.length - 1 });
    await expect(skopeoDigest(targetClient, "schema1/oci", "v1")).rejects.toThrow();
  });
});
