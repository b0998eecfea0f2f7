import { describe, expect, test } from "vitest";
import { RegistryError } from "../../registry/errors.ts";
import { MemoryRegistry } from "../../registry/memory-repository.ts";
import type { PlatformChoice } from "../../schemas/platform.ts";
import { type Artifact, attachment, attestation, image, index, layer } from "../../testing/content.ts";
import { helmChart } from "../../testing/helm-chart.ts";
import { copyTag } from "../copy-tag.ts";
import { failureFact } from "../failure.ts";
import { memoryPlacements } from "../placements.ts";
import type { TransferRequest } from "../transfer.ts";
import { putArtifact } from "./put-artifact.testing.ts";

const signal = new AbortController().signal;
const NAME = "team/app";

let serial = 0;
/** An image whose content nothing else shares. */
function imageFor(architecture: string, variant?: string): Artifact {
  serial += 1;
  const platform = { os: "linux", architecture, ...(variant ? { variant } : {}) };
  return image({ layers: [layer(`${architecture} ${serial}`, 300)], platform });
}

const withoutPlatform = (artifact: Artifact): Artifact => ({ ...artifact, platform: undefined });
const sparse = (...names: string[]): PlatformChoice => ({ mode: "sparse", names });
const single = (name: string): PlatformChoice => ({ mode: "single", names: [name] });

interface World {
  source: MemoryRegistry;
  target: MemoryRegistry;
}

function world(artifact: Artifact, sparseIndexes = true): World {
  const source = new MemoryRegistry();
  putArtifact(source.repository(NAME), artifact, "1.0");
  return { source, target: new MemoryRegistry("memory://target", { sparseIndexes }) };
}

function copied(
  { source, target }: World,
  artifact: Artifact,
  options: Partial<TransferRequest>,
  placements = memoryPlacements(),
) {
  const { digest, mediaType } = artifact.manifest;
  const ends = { source: source.repository(NAME), target: target.repository(NAME) };
  return copyTag(
    { ...ends, tag: "1.0", digest, mediaType, override: false, ...options },
    { placements, signal, onProgress: () => undefined },
  );
}

const manifestsAt = ({ target }: World) => [...target.repository(NAME).manifests.keys()].toSorted();
const digests = (...artifacts: Artifact[]) => artifacts.map(({ manifest }) => manifest.digest).toSorted();

describe("only some platforms, as a sparse index", () => {
  test("the index keeps its digest; the images asked for come with their attestations, the others do not", async () => {
    const [amd64, arm64, s390x] = ["amd64", "arm64", "s390x"].map((name) => imageFor(name)) as [
      Artifact,
      Artifact,
      Artifact,
    ];
    const proof = attestation(arm64, "{}");
    const all = index([amd64, arm64, s390x, proof, attestation(s390x, "{}")]);
    const given = world(all);
    const outcome = await copied(given, all, { platforms: sparse("linux/amd64", "linux/arm64/v8") });
    expect(outcome).toEqual({ status: "copied", replacedDigest: undefined, moved: false });
    expect(given.target.repository(NAME).tagged.get("1.0")).toBe(all.manifest.digest);
    expect(manifestsAt(given)).toEqual(digests(all, amd64, arm64, proof));
  });

  test("up to date only where the index and all that is wanted of it stand; what lacks is added, the tag not written again", async () => {
    const [amd64, arm64] = [imageFor("amd64"), imageFor("arm64")];
    const all = index([amd64, arm64]);
    const given = world(all);
    await copied(given, all, { platforms: sparse("linux/amd64") });
    expect(await copied(given, all, { platforms: sparse("linux/amd64") })).toMatchObject({
      status: "up-to-date",
    });
    const { pushed } = given.target.repository(NAME);
    const before = pushed.length;
    const both = { platforms: sparse("linux/amd64", "linux/arm64") };
    expect(await copied(given, all, both)).toMatchObject({ status: "copied", replacedDigest: undefined });
    expect(pushed.slice(before)).not.toContain("1.0");
    expect(manifestsAt(given)).toEqual(digests(all, amd64, arm64));
    expect(await copied(given, all, both)).toMatchObject({ status: "up-to-date" });
  });

  test("a rule that copied parts once makes an index whole when it is asked for all", async () => {
    const [amd64, arm64] = [imageFor("amd64"), imageFor("arm64")];
    const all = index([amd64, index([arm64])]);
    const given = world(all);
    await copied(given, all, { platforms: sparse("linux/amd64") });
    expect(await copied(given, all, {})).toMatchObject({ status: "up-to-date" });
    expect(await copied(given, all, { partsBefore: true })).toMatchObject({ status: "copied" });
    expect(manifestsAt(given)).toEqual(digests(all, amd64, arm64, all.children[1] as Artifact));
    expect(await copied(given, all, { partsBefore: true })).toMatchObject({ status: "up-to-date" });
  });

  test("a question about what stands there is asked once for the tags of a task", async () => {
    const all = index([imageFor("amd64"), imageFor("arm64")]);
    const given = world(all);
    const platforms = sparse("linux/amd64");
    await copied(given, all, { platforms });
    const placements = memoryPlacements();
    const asked = async () => {
      const before = given.target.requests;
      expect(await copied(given, all, { platforms }, placements)).toMatchObject({ status: "up-to-date" });
      return given.target.requests - before;
    };
    expect([await asked(), await asked()]).toEqual([2, 1]);
  });

  test("indexes in indexes are sparse as well, and found out where one stands but lacks something", async () => {
    const [amd64, arm64, other] = [imageFor("amd64"), imageFor("arm64"), imageFor("s390x")];
    const inner = index([arm64, other]);
    const left = index([imageFor("ppc64le")]);
    const all = index([amd64, inner, left]);
    const given = world(all);
    await copied(given, all, { platforms: sparse("linux/amd64") });
    expect(manifestsAt(given)).toEqual(digests(all, amd64));
    await copied(given, all, { platforms: sparse("linux/arm64") });
    expect(manifestsAt(given)).toEqual(digests(all, amd64, inner, arm64));
    await copied(given, all, { platforms: sparse("linux/s390x") });
    expect(manifestsAt(given)).toEqual(digests(all, amd64, inner, arm64, other));
  });

  test("an entry without a platform is what its config says, or comes along where it is no image", async () => {
    const [amd64, arm64] = [withoutPlatform(imageFor("amd64")), withoutPlatform(imageFor("arm64"))];
    const notes = attachment({ artifactType: "text/plain", content: `notes ${serial}` });
    const all = index([amd64, arm64, notes]);
    const given = world(all);
    await copied(given, all, { platforms: sparse("linux/arm64") });
    expect(manifestsAt(given)).toEqual(digests(all, arm64, notes));
  });

  test("an index of artifacts is for every platform", async () => {
    const all = index([attachment({ artifactType: "text/plain", content: `a ${serial}` })]);
    const given = world(all);
    expect(await copied(given, all, { platforms: sparse("linux/arm64") })).toMatchObject({
      status: "copied",
    });
    expect(manifestsAt(given)).toEqual(digests(all, ...all.children));
  });

  test.each([
    ["MANIFEST_BLOB_UNKNOWN", 404],
    ["MANIFEST_INVALID", 400],
    ["UNKNOWN", 400],
  ] as const)("a target that refuses it is named: %s, %i", async (code, status) => {
    const all = index([imageFor("amd64"), imageFor("arm64")]);
    const given = world(all, code !== "MANIFEST_BLOB_UNKNOWN");
    const repository = given.target.repository(NAME);
    const push = repository.pushManifest.bind(repository);
    repository.pushManifest = async (manifest, options) => {
      if (code !== "MANIFEST_BLOB_UNKNOWN" && manifest.descriptor.digest === all.manifest.digest) {
        throw new RegistryError({ code, status, method: "PUT", url: "memory://target", detail: "no" });
      }
      return push(manifest, options);
    };
    const error = await copied(given, all, { platforms: sparse("linux/amd64") }).catch(
      (thrown: unknown) => thrown,
    );
    expect(failureFact(error)).toMatchObject({
      code: "SPARSE_INDEX_REFUSED",
      side: "target",
      httpStatus: status,
    });
    expect(repository.tagged.size).toBe(0);
    // Where nothing was left out, the same answer is what it says.
    const whole = await copied(given, all, {
      platforms: sparse("linux/amd64", "linux/arm64"),
    }).catch((thrown: unknown) => thrown);
    if (code !== "MANIFEST_BLOB_UNKNOWN") {
      expect(failureFact(whole)).toMatchObject({ code });
    }
  });
});

describe("one image in the place of its index", () => {
  test("the tag names the image; up to date is what names it already", async () => {
    const [amd64, arm64] = [imageFor("amd64"), imageFor("arm64")];
    const all = index([amd64, arm64, attestation(arm64, "{}")]);
    const given = world(all, false);
    const platforms = single("linux/arm64");
    const told: string[] = [];
    const { digest, mediaType } = all.manifest;
    const ends = { source: given.source.repository(NAME), target: given.target.repository(NAME) };
    const outcome = await copyTag(
      { ...ends, tag: "1.0", digest, mediaType, override: false, platforms },
      {
        placements: memoryPlacements(),
        signal,
        onProgress: () => undefined,
        willName: async (name) => void told.push(name),
      },
    );
    const targetDigest = arm64.manifest.digest;
    expect(outcome).toMatchObject({ status: "copied", moved: false, targetDigest });
    expect(told).toEqual([targetDigest]);
    expect(given.target.repository(NAME).tagged.get("1.0")).toBe(targetDigest);
    expect(manifestsAt(given)).toEqual([targetDigest]);
    expect(await copied(given, all, { platforms })).toMatchObject({ status: "up-to-date", targetDigest });
  });

  test("a whole index that stands there is other content: kept without override, replaced with it", async () => {
    const all = index([imageFor("amd64"), imageFor("arm64")]);
    const given = world(all);
    await copied(given, all, {});
    const platforms = single("linux/amd64");
    expect(await copied(given, all, { platforms })).toMatchObject({ status: "skipped", reason: "exists" });
    expect(await copied(given, all, { platforms, override: true })).toMatchObject({
      status: "copied",
      replacedDigest: all.manifest.digest,
      targetDigest: all.children[0]?.manifest.digest,
    });
  });

  test("a tag that moved at the source is told by the digest of its index", async () => {
    const all = index([imageFor("amd64")]);
    const given = world(all);
    const source = given.source.repository(NAME);
    putArtifact(source, index([imageFor("amd64")]), "1.0");
    expect(await copied(given, all, { platforms: single("linux/amd64") })).toMatchObject({
      status: "copied",
      moved: true,
    });
  });
});

describe("what is no index", () => {
  test.each([
    ["an image for the platform", imageFor("arm64"), "copied"],
    ["an image for another one", imageFor("amd64"), "skipped"],
    ["a chart", helmChart({ name: "web", version: "1.0.0" }), "copied"],
    ["any artifact", attachment({ artifactType: "text/plain", content: "x" }), "copied"],
  ] as const)("%s", async (_, artifact, status) => {
    for (const platforms of [sparse("linux/arm64"), single("linux/arm64")]) {
      const given = world(artifact);
      const outcome = await copied(given, artifact, { platforms });
      expect(outcome).toMatchObject(
        status === "copied" ? { status } : { status, reason: "platform-absent", moved: false },
      );
      expect(given.target.repository(NAME).tagged.has("1.0")).toBe(status === "copied");
    }
  });

  test("what stands at the target already is up to date, whatever it is for, and not read", async () => {
    const artifact = imageFor("amd64");
    const given = world(artifact);
    putArtifact(given.target.repository(NAME), artifact, "1.0");
    const before = given.source.requests;
    expect(await copied(given, artifact, { platforms: sparse("linux/arm64") })).toMatchObject({
      status: "up-to-date",
    });
    expect(given.source.requests).toBe(before);
  });
});

test("an index without the platform is skipped, with the reason", async () => {
  const all = index([imageFor("amd64"), index([imageFor("s390x")]), index([])]);
  for (const platforms of [sparse("linux/arm64", "windows/amd64"), single("linux/arm64")]) {
    const given = world(all);
    const outcome = await copied(given, all, { platforms });
    expect(outcome).toEqual({ status: "skipped", reason: "platform-absent", moved: false });
    expect(manifestsAt(given)).toEqual([]);
  }
});
