import { expect, test } from "vitest";
import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { OCI_INDEX, OCI_MANIFEST } from "../../registry/media-types.ts";
import { MemoryRegistry, MemoryRepository } from "../../registry/memory-repository.ts";
import type { ReferrerList } from "../../registry/repository.ts";
import type { DigestTagList } from "../../schemas/referrers.ts";
import { copyTag } from "../copy-tag.ts";
import { memoryPlacements } from "../placements.ts";
import type { TransferOutcome } from "../transfer.ts";

const EMPTY = "application/vnd.oci.empty.v1+json";
const NONE: DigestTagList = { own: [], others: [] };
const sides = [true, false];

/** A repository with the referrers API, or one where a client keeps the tag schema. */
class Place extends MemoryRepository {
  readonly #api: boolean;

  constructor(api: boolean, name = "app") {
    super(name, new MemoryRegistry("memory://here", { referrersApi: api }));
    this.#api = api;
  }

  image(seed: string, tag?: string) {
    const layer = this.putBlob(Buffer.from(seed));
    const config = this.putBlob(Buffer.from("{}"), EMPTY);
    return this.putManifest({ mediaType: OCI_MANIFEST, config, layers: [layer] }, tag);
  }

  /** Puts a referrer in place as a client does. */
  async attach(subject: { digest: string }, name: string) {
    const layer = this.putBlob(Buffer.from(name), `application/vnd.example.${name}`);
    const config = this.putBlob(Buffer.from("{}"), EMPTY);
    const artifactType = `application/vnd.example.${name}`;
    const body = { mediaType: OCI_MANIFEST, artifactType, config, layers: [layer], subject };
    const referrer = this.putManifest(body);
    if (!this.#api) {
      await this.addReferrers(subject.digest, [{ ...referrer, artifactType }]);
    }
    return referrer;
  }

  /** What cosign keeps under one of its tags: a layer a signature. */
  sign(subject: { digest: string }, signatures: string[], suffix = ".sig") {
    const layers = signatures.map((text) => ({
      ...this.putBlob(Buffer.from("payload"), "application/vnd.dev.cosign.simplesigning.v1+json"),
      annotations: { "dev.cosignproject.cosign/signature": text },
    }));
    const tag = cosignTags(subject.digest).find((name) => name.endsWith(suffix)) ?? "";
    return { tag, ...this.putManifest({ mediaType: OCI_MANIFEST, config: layers[0], layers }, tag) };
  }

  /** The types of everything that refers to a manifest. */
  async types(subject: { digest: string }) {
    const { referrers } = await this.referrers(subject.digest);
    return referrers.map(({ artifactType }) => artifactType?.replace("application/vnd.example.", ""));
  }
}

interface CopyOptions {
  tag?: string;
  override?: boolean;
  digestTags?: DigestTagList | null;
}

/** Copies a tag with what belongs to it, in a task of its own. */
async function copy(
  source: MemoryRepository,
  target: MemoryRepository,
  { tag = "v1", override = false, digestTags = null }: CopyOptions = {},
): Promise<TransferOutcome> {
  const { digest, mediaType } = (await source.resolve(tag)) ?? { digest: "", mediaType: "" };
  return copyTag(
    { source, target, tag, digest, mediaType, override, referrers: { digestTags } },
    { placements: memoryPlacements(), signal: new AbortController().signal, onProgress: () => undefined },
  );
}

test.each(sides.flatMap((source) => sides.map((target) => [source, target] as const)))(
  "referrers of referrers follow their image (API at the source: %s, at the target: %s), and a second run writes nothing",
  async (sourceApi, targetApi) => {
    const [source, target] = [new Place(sourceApi), new Place(targetApi)];
    const image = source.image("image", "v1");
    const sbom = await source.attach(image, "sbom");
    await source.attach(image, "provenance");
    const signature = await source.attach(sbom, "signature");
    await source.attach(signature, "timestamp");

    const outcome = await copy(source, target);
    expect(outcome).toMatchObject({ status: "copied", referrers: { total: 4, copied: 4, kept: 0 } });
    expect(await target.types(image)).toEqual(await source.types(image));
    expect(await target.types(sbom)).toEqual(["signature"]);
    expect(await target.types(signature)).toEqual(["timestamp"]);
    // The list of the tag schema is for registries without the API alone.
    expect([...target.tagged.keys()].filter((tag) => tag.startsWith("sha256-"))).toHaveLength(
      targetApi ? 0 : 3,
    );
    // Subject first, and the tag last of all: whoever pulls it finds it signed.
    const order = [image, sbom, signature].map(({ digest }) => target.pushed.indexOf(digest));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(target.pushed.at(-1)).toBe("v1");

    const before = target.pushed.length;
    const again = await copy(source, target);
    expect(again).toMatchObject({ status: "up-to-date", referrers: { total: 4, copied: 0 } });
    expect(target.pushed).toHaveLength(before);
  },
);

test.each(sides)(
  "what is attached after the image was copied comes with the next run (API: %s)",
  async (api) => {
    const [source, target] = [new Place(api), new Place(!api)];
    const image = source.image("image", "v1");
    expect(await copy(source, target)).toMatchObject({ status: "copied", referrers: { total: 0 } });
    await source.attach(image, "late");
    expect(await copy(source, target)).toMatchObject({
      status: "up-to-date",
      referrers: { total: 1, copied: 1 },
    });
    expect(await target.types(image)).toEqual(["late"]);
    expect(target.pushed.filter((name) => name === "v1")).toHaveLength(1);
  },
);

test.each(sides)(
  "a manifest that the target has lost under its tag is copied, not up to date (API: %s)",
  async (api) => {
    const [source, target] = [new Place(api), new Place(api)];
    const image = source.image("image", "v1");
    await source.attach(image, "sbom");
    await copy(source, target);
    target.manifests.delete(image.digest);
    expect(await target.resolve("v1")).toBeNull();

    const outcome = await copy(source, target);
    expect(await target.resolve("v1")).toMatchObject({ digest: image.digest });
    expect(outcome).toMatchObject({ status: "copied", replacedDigest: undefined, referrers: { total: 1 } });
    expect(await copy(source, target)).toMatchObject({ status: "up-to-date" });
  },
);

test.each(sides)("an index: each of its images has its own (API at the source: %s)", async (api) => {
  const [source, target] = [new Place(api), new Place(true)];
  const images = [source.image("amd64"), source.image("arm64")];
  const index = source.putManifest({ mediaType: OCI_INDEX, manifests: images }, "v1");
  await source.attach(index, "of-index");
  for (const image of images) {
    await source.attach(image, "of-image");
  }
  expect(await copy(source, target)).toMatchObject({ referrers: { total: 3, copied: 3 } });
  expect(await target.types(index)).toEqual(["of-index"]);
  expect(await Promise.all(images.map((image) => target.types(image)))).toEqual([["of-image"], ["of-image"]]);
});

test("a referrer that is an index comes with its parts, and with what belongs to them", async () => {
  const [source, target] = [new Place(true), new Place(false)];
  const image = source.image("image", "v1");
  const part = source.image("part");
  const index = source.putManifest({ mediaType: OCI_INDEX, manifests: [part], subject: image });
  await source.attach(part, "deep");
  expect(await copy(source, target)).toMatchObject({ referrers: { total: 2, copied: 2 } });
  expect((await target.referrers(image.digest)).referrers.map(({ digest }) => digest)).toEqual([
    index.digest,
  ]);
  expect(await target.types(part)).toEqual(["deep"]);
});

test("what others attached at the target stays in its list", async () => {
  const [source, target] = [new Place(true), new Place(false)];
  const image = source.image("image", "v1");
  await source.attach(image, "ours");
  target.image("image");
  await target.attach(image, "theirs");
  await copy(source, target);
  expect(await target.types(image)).toEqual(["theirs", "ours"]);
  // And the other way round, where the registry keeps the list.
  const other = new Place(true);
  other.image("image");
  await other.attach(image, "theirs");
  await copy(source, other);
  expect((await other.types(image)).toSorted()).toEqual(["ours", "theirs"]);
});

test("two tags that name the same image, at once: what belongs to it is brought once and listed once", async () => {
  const [source, target] = [new Place(true), new Place(false)];
  const image = source.image("image", "v1");
  source.tagged.set("latest", image.digest);
  await source.attach(image, "sbom");
  const placements = memoryPlacements();
  const outcomes = await Promise.all(
    ["v1", "latest"].map((tag) =>
      copyTag(
        { source, target, tag, digest: image.digest, override: false, referrers: { digestTags: NONE } },
        { placements, signal: new AbortController().signal, onProgress: () => undefined },
      ),
    ),
  );
  expect(outcomes.map(({ referrers }) => referrers?.copied).toSorted()).toEqual([0, 1]);
  expect(await target.types(image)).toEqual(["sbom"]);
});

test("off: the tag alone", async () => {
  const [source, target] = [new Place(true), new Place(true)];
  const image = source.image("image", "v1");
  await source.attach(image, "sbom");
  source.sign(image, ["s1"]);
  const outcome = await copyTag(
    { source, target, tag: "v1", digest: image.digest, override: false },
    { placements: memoryPlacements(), signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome.referrers).toBeUndefined();
  expect([...target.manifests.keys()]).toEqual([image.digest]);
});

/** A source whose list of referrers is whatever the test says. */
class Lying extends Place {
  readonly #claim: (subject: string) => ReferrerList["referrers"];

  constructor(claim: (subject: string) => ReferrerList["referrers"]) {
    super(true);
    this.#claim = claim;
  }

  override async referrers(subject: string): Promise<ReferrerList> {
    return { via: "api", referrers: this.#claim(subject) };
  }
}

test("what is listed and refers to something else, or is gone, is not brought", async () => {
  const source: Lying = new Lying(() => [stranger, gone]);
  const image = source.image("image", "v1");
  const stranger = await source.attach(source.image("other"), "stranger");
  const gone = { mediaType: OCI_MANIFEST, digest: `sha256:${"0".repeat(64)}`, size: 3 };
  const target = new Place(true);
  expect(await copy(source, target)).toMatchObject({ status: "copied", referrers: { total: 0 } });
  expect([...target.manifests.keys()]).toEqual([image.digest]);
});

test("a list that leads round in a circle, or names the subject itself, comes to an end", async () => {
  const source: Lying = new Lying((subject) => (subject === image.digest ? [sbom, image] : [image, sbom]));
  const image = source.image("image", "v1");
  const sbom = await source.attach(image, "sbom");
  const target = new Place(true);
  expect(await copy(source, target)).toMatchObject({ referrers: { total: 1, copied: 1 } });
});

test("two tags whose images refer to and hold each other wait for nobody for ever", async () => {
  const [source, target] = [new Place(true), new Place(true)];
  const image = source.image("image", "v1");
  const index = source.putManifest({ mediaType: OCI_INDEX, manifests: [image], subject: image }, "all");
  const placements = memoryPlacements();
  const outcomes = await Promise.all(
    [
      { tag: "v1", digest: image.digest },
      { tag: "all", digest: index.digest },
    ].map(({ tag, digest }) =>
      copyTag(
        { source, target, tag, digest, override: false, referrers: { digestTags: NONE } },
        { placements, signal: new AbortController().signal, onProgress: () => undefined },
      ),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["copied", "copied"]);
  expect(target.tagged.size).toBe(2);
});

test("a tag that is copied waits for no other while what that one brings contains its image", async () => {
  let claimed: () => void = () => undefined;
  const isClaimed = new Promise<void>((resolve) => {
    claimed = resolve;
  });
  const source = new Place(true);
  const target = new Place(true);
  const image = source.image("image", "latest");
  source.tagged.set("v1", image.digest);
  source.putManifest({ mediaType: OCI_INDEX, manifests: [image], subject: image });
  target.image("image", "latest");
  const list = source.referrers.bind(source);
  // `latest` stands and begins to look; what it finds comes when `v1` has its image in hand.
  source.referrers = async (...asked) => {
    await isClaimed;
    return list(...asked);
  };
  const placements = memoryPlacements();
  const claim = placements.claim.bind(placements);
  placements.claim = async (digest, ...where) => {
    const answer = await claim(digest, ...where);
    claimed();
    return answer;
  };
  const outcomes = await Promise.all(
    ["latest", "v1"].map((tag) =>
      copyTag(
        { source, target, tag, digest: image.digest, override: false, referrers: { digestTags: NONE } },
        { placements, signal: new AbortController().signal, onProgress: () => undefined },
      ),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(["up-to-date", "copied"]);
  expect(target.tagged.get("v1")).toBe(image.digest);
});

test("a size that is not that of the manifest fails the transfer, before the tag is written", async () => {
  const source: Lying = new Lying(() => [{ ...sbom, size: sbom.size + 1 }]);
  const image = source.image("image", "v1");
  const sbom = await source.attach(image, "sbom");
  const target = new Place(true);
  await expect(copy(source, target)).rejects.toMatchObject({
    code: "SIZE_MISMATCH",
    side: "source",
    digest: sbom.digest,
  });
  expect(target.tagged.size).toBe(0);
});

test("referrers of referrers without an end fail the transfer", async () => {
  const [source, target] = [new Place(true), new Place(true)];
  let last = source.image("image", "v1");
  for (let depth = 0; depth < 20; depth += 1) {
    last = await source.attach(last, `d${depth}`);
  }
  await expect(copy(source, target)).rejects.toMatchObject({ code: "UNREADABLE_MANIFEST", side: "source" });
  expect(target.tagged.size).toBe(0);
});

test("hundreds of referrers of one image", async () => {
  const [source, target] = [new Place(true), new Place(false)];
  const image = source.image("image", "v1");
  for (let number = 0; number < 600; number += 1) {
    await source.attach(image, `n${number}`);
  }
  const { referrers } = await copy(source, target);
  expect(referrers).toMatchObject({ total: 600, copied: 600 });
  expect(referrers?.rows.length).toBeLessThanOrEqual(50);
  expect(await target.types(image)).toHaveLength(600);
});

test.each([
  ["of the tag list that was read", (own: string[]) => ({ own, others: [] })],
  ["asked for", () => null],
])("cosign's tags %s come along, and again when a signature is added", async (_how, known) => {
  const [source, target] = [new Place(false), new Place(false)];
  const image = source.image("image", "v1");
  const tags = [source.sign(image, ["s1"]).tag, source.sign(image, ["a1"], ".att").tag];
  const digestTags = known(tags);
  expect(await copy(source, target, { digestTags })).toMatchObject({ referrers: { total: 2, copied: 2 } });
  expect([...target.tagged.keys()].toSorted()).toEqual([...tags, "v1"].toSorted());

  const two = source.sign(image, ["s1", "s2"]);
  expect(await copy(source, target, { digestTags })).toMatchObject({
    status: "up-to-date",
    referrers: { copied: 1, kept: 0 },
  });
  expect(target.tagged.get(two.tag)).toBe(two.digest);
  const before = target.pushed.length;
  expect(await copy(source, target, { digestTags })).toMatchObject({
    status: "up-to-date",
    referrers: { copied: 0 },
  });
  expect(target.pushed).toHaveLength(before);
});

test("cosign's tag of an image of an index, and of an SBOM that is signed itself", async () => {
  const [source, target] = [new Place(false), new Place(true)];
  const image = source.image("amd64");
  source.putManifest({ mediaType: OCI_INDEX, manifests: [image] }, "v1");
  const sbom = source.sign(image, ["the bill"], ".sbom");
  const signature = source.sign(sbom, ["s1"]);
  expect(await copy(source, target)).toMatchObject({ referrers: { total: 2, copied: 2 } });
  expect(target.tagged.get(signature.tag)).toBe(signature.digest);
});

test("one image of an index takes along what is its own, and nothing of the index", async () => {
  const [source, target] = [new Place(false), new Place(true)];
  const image = {
    ...source.image("amd64"),
    platform: { os: "linux", architecture: "amd64" },
  };
  const other = { ...source.image("arm64"), platform: { os: "linux", architecture: "arm64" } };
  const index = source.putManifest({ mediaType: OCI_INDEX, manifests: [image, other] }, "v1");
  const signatures = [image, other, index].map((subject) => source.sign(subject, ["s1"]).tag);
  const [own = ""] = signatures;
  const digestTags = { own: signatures.slice(2), others: signatures.slice(0, 2) };
  const outcome = await copyTag(
    {
      ...{ source, target, tag: "v1", digest: index.digest, mediaType: OCI_INDEX, override: false },
      ...{ platforms: { mode: "single", names: ["linux/amd64"] }, referrers: { digestTags } },
    },
    { placements: memoryPlacements(), signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect(outcome).toMatchObject({ status: "copied", targetDigest: image.digest, referrers: { total: 1 } });
  expect([...target.tagged.keys()].toSorted()).toEqual([own, "v1"].toSorted());
});

test("a signature that was made at the target stays, unless the rule overwrites", async () => {
  const [source, target] = [new Place(false), new Place(false)];
  const image = source.image("image", "v1");
  const ours = source.sign(image, ["ours"]);
  target.image("image");
  const theirs = target.sign(image, ["theirs"]);
  expect(await copy(source, target)).toMatchObject({
    status: "copied",
    referrers: { total: 1, copied: 0, kept: 1, rows: [{ state: "kept", tag: ours.tag }] },
  });
  expect(target.tagged.get(ours.tag)).toBe(theirs.digest);
  expect(await copy(source, target)).toMatchObject({ status: "up-to-date", referrers: { kept: 1 } });
  await copy(source, target, { override: true });
  expect(target.tagged.get(ours.tag)).toBe(ours.digest);
});

test("a signature that is made at the target while ours is on its way stays", async () => {
  const [source, target] = [new Place(false), new Place(false)];
  const image = source.image("image", "v1");
  const ours = source.sign(image, ["ours"]);
  const read = source.fetchBlob.bind(source);
  source.fetchBlob = async (...asked) => {
    target.sign(image, ["theirs"]);
    return read(...asked);
  };
  expect(await copy(source, target)).toMatchObject({ status: "copied", referrers: { copied: 0, kept: 1 } });
  const theirs = target.sign(image, ["theirs"]);
  expect(target.tagged.get(ours.tag)).toBe(theirs.digest);
});

test("a tag that stays because its content differs takes nothing along", async () => {
  const [source, target] = [new Place(true), new Place(true)];
  await source.attach(source.image("image", "v1"), "sbom");
  const other = target.image("other", "v1");
  expect(await copy(source, target)).toMatchObject({ status: "skipped", reason: "exists" });
  expect([...target.manifests.keys()]).toEqual([other.digest]);
});

test("nothing to do costs one request a manifest with the API, none beside the first without", async () => {
  const costs = async (api: boolean) => {
    const registry = new MemoryRegistry("memory://source", { referrersApi: api });
    const source = registry.repository("app");
    const target = new Place(true);
    const image = (seed: string) => {
      const config = source.putBlob(Buffer.from(`${seed} ${api}`));
      return source.putManifest({ mediaType: OCI_MANIFEST, config, layers: [] });
    };
    source.putManifest({ mediaType: OCI_INDEX, manifests: ["a", "b", "c"].map(image) }, "v1");
    await copy(source, target, { digestTags: NONE });
    const before = registry.requests;
    expect(await copy(source, target, { digestTags: NONE })).toMatchObject({ status: "up-to-date" });
    // One of them is this test's own, for what the tag names.
    return registry.requests - before - 1;
  };
  expect(await costs(true)).toBe(4);
  // A client over HTTP remembers that there is no API (lib/registry/referrers.test.ts); this one asks for the tag.
  expect(await costs(false)).toBe(1);
  expect(referrersTag(`sha256:${"a".repeat(64)}`)).toMatch(/^sha256-a+$/);
});

test.each(sides)(
  "what is tagged and refers to something is listed under it, be that there or nowhere (T32; API at the target: %s)",
  async (api) => {
    const [source, target] = [new Place(true), new Place(api)];
    const config = source.putBlob(Buffer.from("{}"), EMPTY);
    const nowhere = { mediaType: OCI_MANIFEST, digest: `sha256:${"e".repeat(64)}`, size: 2 };
    const artifactType = "application/vnd.example.report";
    const body = { mediaType: OCI_MANIFEST, artifactType, config, layers: [], subject: nowhere };
    const report = source.putManifest(body, "report");
    const image = source.image("image");
    const named = source.putManifest({ ...body, subject: image });
    source.putManifest({ mediaType: OCI_INDEX, manifests: [image, named] }, "v1");
    for (const tag of ["report", "v1"]) {
      expect(await copy(source, target, { tag })).toMatchObject({ status: "copied" });
    }
    expect(await target.types(nowhere)).toEqual(["report"]);
    expect((await target.referrers(image.digest)).referrers.map(({ digest }) => digest)).toEqual([
      named.digest,
    ]);
    const lists = [...target.tagged.keys()].filter((tag) => tag.startsWith("sha256-"));
    expect(lists.sort()).toEqual(
      api ? [] : [nowhere, image].map(({ digest }) => referrersTag(digest)).sort(),
    );
    expect(target.tagged.get("report")).toBe(report.digest);
    const before = target.pushed.length;
    for (const tag of ["report", "v1"]) {
      expect(await copy(source, target, { tag })).toMatchObject({ status: "up-to-date" });
    }
    expect(target.pushed).toHaveLength(before);
  },
);

test("where referrers stay behind, no list is written", async () => {
  const [source, target] = [new Place(true), new Place(false)];
  const config = source.putBlob(Buffer.from("{}"), EMPTY);
  const subject = source.image("image");
  const { digest } = source.putManifest({ mediaType: OCI_MANIFEST, config, layers: [], subject }, "report");
  await copyTag(
    { source, target, tag: "report", digest, override: false },
    { placements: memoryPlacements(), signal: new AbortController().signal, onProgress: () => undefined },
  );
  expect([...target.tagged.keys()]).toEqual(["report"]);
});

test("what is named by sha512 may be referred to, and has no tags of cosign's", async () => {
  expect(cosignTags(`sha512:${"a".repeat(128)}`)).toEqual([]);
  expect(referrersTag(`sha512:${"a".repeat(128)}`)).toBe(`sha512-${"a".repeat(64)}`);
});
