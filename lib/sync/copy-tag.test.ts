import { describe, expect, test } from "vitest";
import type { Descriptor } from "../registry/descriptor.ts";
import { MemoryRegistry, MemoryRepository } from "../registry/memory-repository.ts";
import type { Manifest, Repository, RequestOptions, ResolveOptions } from "../registry/repository.ts";
import { type Artifact, image, index, layer, MEDIA } from "../testing/content.ts";
import { copyTag } from "./copy-tag.ts";
import { CopyError } from "./errors.ts";
import { memoryPlacements, type Placements } from "./placements.ts";
import { addProgress, noProgress } from "./progress.ts";
import type { EndDigests, TransferContext } from "./transfer.ts";

/** Puts an artifact in place with everything that it names. */
function put(repository: MemoryRepository, { manifest, blobs, children }: Artifact, tag?: string): string {
  for (const blob of blobs) {
    repository.putBlob(blob.bytes, blob.mediaType);
  }
  for (const child of children) {
    put(repository, child);
  }
  const descriptor = { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
  repository.manifests.set(manifest.digest, { descriptor, bytes: manifest.bytes });
  if (tag !== undefined) {
    repository.tagged.set(tag, manifest.digest);
  }
  return manifest.digest;
}

const base = layer("base", 3_000);
const app = image({ layers: [base, layer("app", 2_000)] });
const newer = image({ layers: [base, layer("newer", 2_000)] });
const multi = index(
  ["amd64", "arm64"].map((architecture) =>
    image({ layers: [base, layer(architecture, 900)], platform: { os: "linux", architecture } }),
  ),
);

function ends(): { source: MemoryRepository; target: MemoryRepository } {
  return {
    source: new MemoryRegistry("memory://source").repository("team/app"),
    target: new MemoryRegistry("memory://target").repository("team/app"),
  };
}

async function copy(
  { source, target }: { source: Repository; target: Repository },
  [tag, digest]: [tag: string, digest: string],
  options: {
    override?: boolean;
    placements?: Placements;
    signal?: AbortSignal;
    beforeTag?: () => Promise<void>;
    isBehind?: TransferContext["isBehind"];
    seenAtMs?: number;
  } = {},
) {
  const bytes = noProgress();
  const outcome = await copyTag(
    { source, target, tag, digest, override: options.override ?? false, seenAtMs: options.seenAtMs },
    {
      placements: options.placements ?? memoryPlacements(),
      signal: options.signal ?? new AbortController().signal,
      beforeTag: options.beforeTag,
      isBehind: options.isBehind,
      onProgress: (progress) => addProgress(bytes, progress),
    },
  );
  return { outcome, bytes };
}

test("a tag that is somebody else's to write by now is not written, though its content is in place", async () => {
  const { source, target } = ends();
  const digest = put(source, app, "1");
  const lost = new Error("lost");
  const beforeTag = () => Promise.reject(lost);
  await expect(copy({ source, target }, ["1", digest], { beforeTag })).rejects.toBe(lost);
  expect(target.tagged.has("1")).toBe(false);
  expect(target.blobs.size).toBe(app.blobs.length);
  await copy({ source, target }, ["1", digest], { beforeTag: async () => undefined });
  expect(target.tagged.get("1")).toBe(digest);
});

/** Does something of its own before a manifest is pushed or a tag resolved. */
class Eventful extends MemoryRepository {
  beforePush: (manifest: Manifest) => void = () => {};
  beforeResolve: (reference: string) => void = () => {};

  override async pushManifest(manifest: Manifest, options?: RequestOptions & { tag?: string | undefined }) {
    this.beforePush(manifest);
    return super.pushManifest(manifest, options);
  }

  override async resolve(reference: string, options?: RequestOptions) {
    this.beforeResolve(reference);
    return super.resolve(reference, options);
  }
}

describe("the order of a copy", () => {
  test("children before their index, the tag last, every byte as it was", async () => {
    const { source, target } = ends();
    const nested = index([multi, app]);
    put(source, nested, "v1");
    const { outcome, bytes } = await copy({ source, target }, ["v1", nested.manifest.digest]);
    expect(outcome).toEqual({ status: "copied", replacedDigest: undefined, moved: false });
    const at = (digest: string) => target.pushed.indexOf(digest);
    for (const child of multi.children) {
      for (const blob of child.blobs) {
        expect(at(blob.digest)).toBeLessThan(at(child.manifest.digest));
      }
      expect(at(child.manifest.digest)).toBeLessThan(at(multi.manifest.digest));
    }
    expect(at(multi.manifest.digest)).toBeLessThan(at(nested.manifest.digest));
    expect(target.pushed.at(-1)).toBe("v1");
    for (const [digest, manifest] of source.manifests) {
      expect(target.manifests.get(digest)?.bytes).toEqual(manifest.bytes);
    }
    expect([...target.blobs.keys()].sort()).toEqual([...source.blobs.keys()].sort());
    expect(bytes.found).toBe(bytes.copied + bytes.skipped);
  });

  test("a digest named twice, in layers and among tags, is read once and sent once", async () => {
    const read: string[] = [];
    class Read extends MemoryRepository {
      override async fetchBlob(blob: Descriptor, options?: RequestOptions) {
        read.push(blob.digest);
        return super.fetchBlob(blob, options);
      }
      override async fetchManifest(digest: string, options?: RequestOptions) {
        read.push(digest);
        return super.fetchManifest(digest, options);
      }
    }
    const source = new Read("team/app");
    const { target } = ends();
    const repeated = image({ layers: [base, base, base] });
    put(source, repeated, "v1");
    put(source, repeated, "v2");
    put(source, app, "v3");
    put(source, index([repeated, app]), "v4");
    const placements = memoryPlacements();
    const run = (pair: [string, string]) => copy({ source, target }, pair, { placements });
    const copied = await Promise.all([...source.tagged].map(run));
    expect(copied.every(({ bytes }) => bytes.found === bytes.copied + bytes.skipped)).toBe(true);
    expect(new Set(read).size).toBe(read.length);
    expect(read).toHaveLength(source.blobs.size + source.manifests.size);
    expect(target.tagged).toEqual(source.tagged);
  });

  test("an index without children, and one that names a blob, arrive as they are", async () => {
    const { source, target } = ends();
    const blob = source.putBlob(Buffer.from("not a manifest"));
    const empty = source.putManifest({ schemaVersion: 2, mediaType: MEDIA.index, manifests: [] }, "empty");
    const odd = source.putManifest({ schemaVersion: 2, mediaType: MEDIA.index, manifests: [blob] }, "odd");
    await copy({ source, target }, ["empty", empty.digest]);
    await copy({ source, target }, ["odd", odd.digest]);
    expect(target.tagged).toEqual(source.tagged);
    expect(target.blobs.has(blob.digest)).toBe(true);
  });

  test("a foreign layer comes along where the source has its bytes, and stays a reference where not", async () => {
    const { source, target } = ends();
    const mediaType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    const held = { ...source.putBlob(Buffer.from("held")), mediaType };
    const gone = { ...source.putBlob(Buffer.from("gone")), mediaType, urls: ["https://example.com/layer"] };
    source.blobs.delete(gone.digest);
    const config = source.putBlob(Buffer.from("{}"), MEDIA.config);
    const manifest = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers: [held, gone] };
    const { digest } = source.putManifest(manifest, "v1");
    const { bytes } = await copy({ source, target }, ["v1", digest]);
    expect(target.blobs.has(held.digest)).toBe(true);
    expect(target.blobs.has(gone.digest)).toBe(false);
    expect(target.tagged.get("v1")).toBe(digest);
    expect(bytes.found).toBe(bytes.copied);
  });
});

describe("what stands at the target decides", () => {
  test.each([
    ["nothing", undefined, false, { status: "copied", replacedDigest: undefined }, app],
    ["nothing, override", undefined, true, { status: "copied", replacedDigest: undefined }, app],
    ["the same", app, false, { status: "up-to-date" }, app],
    ["the same, override", app, true, { status: "up-to-date" }, app],
    ["something else", newer, false, { status: "skipped", reason: "exists" }, newer],
    [
      "something else, override",
      newer,
      true,
      { status: "copied", replacedDigest: newer.manifest.digest },
      app,
    ],
  ] as const)("%s", async (_case, standing, override, expected, after) => {
    const { source, target } = ends();
    put(source, app, "v1");
    if (standing) {
      put(target, standing, "v1");
    }
    const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest], { override });
    expect(outcome).toEqual({ ...expected, moved: false });
    expect(target.tagged.get("v1")).toBe(after.manifest.digest);
    expect(target.pushed.includes("v1")).toBe(expected.status === "copied");
  });

  test("equal digests cost one request and no answer of the source", async () => {
    const source = new MemoryRegistry("memory://source");
    const target = new MemoryRegistry("memory://target");
    put(source.repository("a"), app, "v1");
    put(target.repository("a"), app, "v1");
    const at = { source: source.repository("a"), target: target.repository("a") };
    await copy(at, ["v1", app.manifest.digest]);
    expect([source.requests, target.requests]).toEqual([0, 1]);
  });

  test("a tag that appears at the target during the copy is not overwritten", async () => {
    const { source } = ends();
    const target = new Eventful();
    put(source, app, "v1");
    let asked = 0;
    target.beforeResolve = (reference) => {
      asked += reference === "v1" ? 1 : 0;
      if (asked === 2) {
        put(target, newer, "v1");
      }
    };
    const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest]);
    expect(outcome).toEqual({ status: "skipped", reason: "exists", moved: false });
    expect(target.tagged.get("v1")).toBe(newer.manifest.digest);
  });

  describe("where it is known that the source is the older one", () => {
    /** What was asked: the tag at the source, and at the target. */
    function behind(older: string) {
      const asked: EndDigests[] = [];
      const isBehind = async (digests: EndDigests) => {
        asked.push(digests);
        return digests.source === older;
      };
      return { asked, isBehind };
    }
    const [older, newest] = [app.manifest.digest, newer.manifest.digest];
    const SKIPPED = { status: "skipped", reason: "source-behind", moved: false };

    test("nothing of it is read, and what stands stays", async () => {
      const { source, target } = ends();
      put(source, app, "v1");
      put(target, newer, "v1");
      const { asked, isBehind } = behind(older);
      const { outcome, bytes } = await copy({ source, target }, ["v1", older], { override: true, isBehind });
      expect(outcome).toEqual(SKIPPED);
      expect(asked).toEqual([{ source: older, target: newest }]);
      expect([bytes.copied, target.tagged.get("v1")]).toEqual([0, newest]);
      expect((await copy({ source, target }, ["v1", older], { isBehind })).outcome).toMatchObject({
        reason: "exists",
      });
      expect(asked).toHaveLength(1);
    });

    test("a tag that appears at the target during the copy stays, though others may be overwritten", async () => {
      const { source } = ends();
      const target = new Eventful();
      put(source, app, "v1");
      let asked = 0;
      target.beforeResolve = (reference) => {
        asked += reference === "v1" ? 1 : 0;
        if (asked === 2) {
          put(target, newer, "v1");
        }
      };
      const { isBehind } = behind(older);
      const { outcome } = await copy({ source, target }, ["v1", older], { override: true, isBehind });
      expect(outcome).toEqual(SKIPPED);
      expect(target.tagged.get("v1")).toBe(newest);
    });

    test("what the source names by now counts as well, and is due again", async () => {
      const { target } = ends();
      const source = new Eventful();
      put(source, multi, "v1");
      put(target, newer, "v1");
      source.beforeResolve = () => put(source, app, "v1");
      const { asked, isBehind } = behind(older);
      const pinned = multi.manifest.digest;
      const { outcome } = await copy({ source, target }, ["v1", pinned], { override: true, isBehind });
      expect(outcome).toEqual({ ...SKIPPED, moved: true });
      expect(asked.map((digests) => digests.source)).toEqual([pinned, older]);
      expect(target.tagged.get("v1")).toBe(newest);
    });
  });

  test("children that stand at the target are not sent again", async () => {
    const { source, target } = ends();
    put(source, multi, "v1");
    const [first, second] = multi.children;
    put(target, first as Artifact);
    const { bytes } = await copy({ source, target }, ["v1", multi.manifest.digest]);
    expect(target.pushed).not.toContain(first?.manifest.digest);
    expect(target.pushed).toContain(second?.manifest.digest);
    expect(bytes.skipped).toBeGreaterThanOrEqual(first?.manifest.bytes.length ?? 0);
  });

  test("what the target lacks although it seemed to be there is sent again, and the manifest once more", async () => {
    const { source } = ends();
    const target = new Eventful();
    put(source, multi, "v1");
    let lost = false;
    target.beforePush = ({ descriptor }) => {
      if (descriptor.digest === multi.manifest.digest && !lost) {
        lost = true;
        const [first] = multi.children;
        target.manifests.delete(first?.manifest.digest ?? "");
        target.blobs.delete(base.digest);
      }
    };
    const { outcome } = await copy({ source, target }, ["v1", multi.manifest.digest]);
    expect([lost, outcome.status]).toEqual([true, "copied"]);
    expect(target.blobs.has(base.digest)).toBe(true);
    expect(target.manifests.size).toBe(3);
  });
});

describe("what happens to the source meanwhile", () => {
  function eventfulSource() {
    const { target } = ends();
    const source = new Eventful();
    put(source, app, "v1");
    return { source, target };
  }

  test("a tag that moves: the pinned digest lands, and the move is told", async () => {
    const { source, target } = eventfulSource();
    source.beforeResolve = () => put(source, newer, "v1");
    const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest]);
    expect(outcome).toEqual({ status: "copied", replacedDigest: undefined, moved: true });
    expect(target.tagged.get("v1")).toBe(app.manifest.digest);
    expect(target.manifests.has(newer.manifest.digest)).toBe(false);
  });

  test("what was seen a moment ago is not asked again; what was seen earlier is", async () => {
    for (const [agoMs, asked] of [
      // Ahead of the clock: a moment ago, however slow the machine is.
      [-600_000, []],
      [60_000, ["v1"]],
    ] as const) {
      const { source, target } = eventfulSource();
      const resolved: string[] = [];
      source.beforeResolve = (reference) => resolved.push(reference);
      const seenAtMs = performance.now() - agoMs;
      const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest], { seenAtMs });
      expect(outcome).toMatchObject({ status: "copied", moved: false });
      expect(resolved).toEqual(asked);
    }
  });

  test("the source alone is asked whether the tag still names what is written", async () => {
    const known: Record<string, string | undefined> = {};
    class Terse extends MemoryRepository {
      override async resolve(reference: string, options: ResolveOptions = {}) {
        known[this.name] = options.known?.digest;
        const named = await super.resolve(reference, options);
        return options.known?.digest === named?.digest ? (options.known ?? null) : named;
      }
    }
    const [source, target] = [new Terse("from/app"), new Terse("to/app")];
    put(source, app, "v1");
    const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest]);
    expect(outcome).toEqual({ status: "copied", replacedDigest: undefined, moved: false });
    expect(known).toEqual({ "from/app": app.manifest.digest, "to/app": undefined });
  });

  test("a tag that goes before it is written is not written", async () => {
    const { source, target } = eventfulSource();
    source.beforeResolve = (tag) => source.tagged.delete(tag);
    const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest]);
    expect(outcome).toEqual({ status: "skipped", reason: "source-deleted", moved: false });
    expect(target.tagged.has("v1")).toBe(false);
  });

  test("content that is gone with its tag is no failure; one that moved on is due again", async () => {
    for (const moved of [false, true]) {
      const { source, target } = eventfulSource();
      source.manifests.delete(app.manifest.digest);
      source.tagged.delete("v1");
      if (moved) {
        put(source, newer, "v1");
      }
      const { outcome } = await copy({ source, target }, ["v1", app.manifest.digest]);
      expect(outcome).toEqual({ status: "skipped", reason: "source-deleted", moved });
    }
  });

  test("a blob that is missing under a standing tag is a failure of the source", async () => {
    const { source, target } = eventfulSource();
    source.blobs.delete(base.digest);
    const failing = copy({ source, target }, ["v1", app.manifest.digest]);
    await expect(failing).rejects.toMatchObject({
      name: "CopyError",
      side: "source",
      operation: "fetch-blob",
      digest: base.digest,
      code: "BLOB_UNKNOWN",
    });
    await expect(failing).rejects.toBeInstanceOf(CopyError);
    expect(target.tagged.size).toBe(0);
  });
});

describe("what a descriptor says beside its digest", () => {
  const config = Buffer.from("{}");
  const manifestWith = (source: MemoryRepository, data: string) => {
    const blob = source.putBlob(config, MEDIA.empty);
    source.blobs.delete(blob.digest);
    return source.putManifest({ mediaType: MEDIA.manifest, config: { ...blob, data }, layers: [] }, "v1");
  };

  test("content that it carries itself needs no blob at the source", async () => {
    const { source, target } = ends();
    const { digest } = manifestWith(source, config.toString("base64"));
    expect((await copy({ source, target }, ["v1", digest])).outcome.status).toBe("copied");
    expect([...target.blobs.values()].map((bytes) => Buffer.from(bytes).toString())).toEqual(["{}"]);
  });

  test("other content than it names is not believed", async () => {
    const { source, target } = ends();
    const { digest } = manifestWith(source, Buffer.from("[]").toString("base64"));
    await expect(copy({ source, target }, ["v1", digest])).rejects.toMatchObject({ side: "source" });
    expect(target.pushed).toEqual([]);
  });

  test("Docker schema 1 in a list is refused by its name", async () => {
    const { source, target } = ends();
    const mediaType = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    const old = { mediaType, digest: `sha256:${"1".repeat(64)}`, size: 100 };
    const { digest } = source.putManifest({ mediaType: MEDIA.dockerList, manifests: [old] }, "v1");
    await expect(copy({ source, target }, ["v1", digest])).rejects.toMatchObject({
      cause: { code: "SCHEMA1_UNSUPPORTED" },
    });
  });
});
