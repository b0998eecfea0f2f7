import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { type Artifact, attachment, image, index, layer } from "../../testing/content.ts";
import { pullAndHash } from "../../testing/pull-and-hash.ts";
import { pushContent } from "../../testing/push-content.ts";
import { cutShort, flipByte, type StoredContent, takeAway } from "../../testing/stored-content.ts";
import { VerifyError } from "./verify-error.ts";
import { VerifyMemory } from "./verify-memory.ts";
import {
  asked,
  copied,
  lacking,
  proven,
  REPOSITORY,
  seen,
  told,
  type VerifyWorld,
  verifyWorld,
} from "./verify-world.testing.ts";

// Content is taken away, cut and changed on the disk of a registry that runs. Each is found by its name, what a push can bring
// back comes back, and a second look finds nothing and writes nothing.

const base = layer("base", 40_000);
const [amd64, arm64] = ["amd64", "arm64"].map((architecture) =>
  image({ layers: [base, layer(architecture, 3_000)], platform: { os: "linux", architecture } }),
) as [Artifact, Artifact];
const multi = index([amd64, arm64]);
const sbom = attachment({ artifactType: "text/spdx", content: "sbom", subject: amd64.manifest });
const ofSbom = attachment({ artifactType: "text/signature", content: "of sbom", subject: sbom.manifest });
const signature = attachment({ artifactType: "text/plain", content: "cosign" });
const [SIG = ""] = cosignTags(multi.manifest.digest);

const NAMES: Record<string, string> = {
  [base.digest]: "base",
  [amd64.blobs[2]?.digest ?? ""]: "amd64 layer",
  [amd64.blobs[0]?.digest ?? ""]: "amd64 config",
  [amd64.manifest.digest]: "amd64",
  [arm64.manifest.digest]: "arm64",
  [multi.manifest.digest]: "index",
  [sbom.manifest.digest]: "sbom",
  [sbom.blobs[1]?.digest ?? ""]: "sbom text",
  [ofSbom.manifest.digest]: "signature of sbom",
  [signature.manifest.digest]: "cosign",
};
const WHOLE = {
  checked: { manifests: 6, blobs: 9, bytesRead: 0 },
  ...{ found: [], repaired: 0, left: [], failure: null },
};

const digestOf = (name: string) => Object.keys(NAMES).find((digest) => NAMES[digest] === name) ?? "";

describe.each(["docker", "own"] as const)("%s", (kind) => {
  let world: VerifyWorld;
  beforeEach(async () => {
    world = await verifyWorld(kind);
    const { origin } = world.source;
    await pushContent(origin, REPOSITORY, "v1", multi);
    for (const [tag, artifact] of [
      ["sbom", sbom],
      ["of-sbom", ofSbom],
      [SIG, signature],
    ] as const) {
      await pushContent(origin, REPOSITORY, tag, artifact);
    }
    expect(await copied(job())).toMatchObject({ status: "copied", referrers: { total: 3 } });
  });
  afterEach(() => world.stop());

  const job = () => world.job("v1", multi.manifest.digest);
  const whole = () => pullAndHash(world.target.origin, REPOSITORY, "v1");

  test("what is whole costs a bounded number of requests, each once a run, and no write", async () => {
    const since = await seen(world);
    const memory = new VerifyMemory();
    expect(await proven(job(), false, memory)).toEqual(WHOLE);
    // The tag and cosign's; three manifests, three that belong to them; two configs, three layers, the empty config and three texts.
    const once = [
      ...Array(9).fill("HEAD blobs"),
      ...Array(6).fill("GET manifests"),
      ...Array(2).fill("HEAD manifests"),
      // Of the two manifests that referrers of the specification refer to: their lists.
      ...Array(2).fill(kind === "own" ? "GET referrers" : "GET manifests"),
    ];
    const noApi =
      kind === "own" ? [] : (await asked(world, since)).filter((each) => each.endsWith("referrers"));
    expect(noApi.length).toBeLessThanOrEqual(1);
    expect(await asked(world, since)).toEqual([...once, ...noApi].sort());
    const again = await seen(world);
    const none = { manifests: 0, blobs: 0, bytesRead: 0 };
    expect(await proven(job(), false, memory)).toEqual({ ...WHOLE, checked: none });
    expect(await asked(world, again)).toEqual(["HEAD manifests"]);
  });

  test.each<[string, (stored: StoredContent) => string, string[]]>([
    [
      "a blob is not in the repository any more",
      (s) => s.blob(REPOSITORY, base.digest),
      ["blob missing base"],
    ],
    ["the bytes of a blob are gone", (s) => s.bytes(digestOf("amd64 layer")), ["blob missing amd64 layer"]],
    [
      "an image of the index is gone",
      (s) => s.manifest(REPOSITORY, digestOf("amd64")),
      ["manifest missing amd64"],
    ],
    ["the bytes of a manifest are gone", (s) => s.bytes(digestOf("arm64")), ["manifest missing arm64"]],
    [
      "what refers to an image lacks a part",
      (s) => s.blob(REPOSITORY, digestOf("sbom text")),
      ["blob missing sbom text"],
    ],
    [
      "what refers to a referrer is gone",
      (s) => s.manifest(REPOSITORY, digestOf("signature of sbom")),
      ["referrer missing signature of sbom"],
    ],
    ["cosign's tag is gone", (s) => s.tag(REPOSITORY, SIG), ["tag missing cosign"]],
    ["the tag is gone", (s) => s.tag(REPOSITORY, "v1"), ["tag missing index"]],
  ])("%s: it is named and comes back", async (_name, path, findings) => {
    await takeAway(path(world.stored));
    expect(await lacking(job(), NAMES)).toEqual(findings);
    const proof = await proven(job());
    expect([told(proof.found, NAMES), proof.repaired, proof.failure]).toEqual([findings, 1, null]);
    const since = await seen(world);
    expect(await proven(job())).toEqual(WHOLE);
    expect((await asked(world, since)).filter((each) => !/^(?:GET|HEAD) /.test(each))).toEqual([]);
    await whole();
  });

  test("all that lacks is found at once, and comes back in one go", async () => {
    for (const path of [
      world.stored.manifest(REPOSITORY, digestOf("index")),
      world.stored.manifest(REPOSITORY, digestOf("amd64")),
      world.stored.blob(REPOSITORY, digestOf("amd64 config")),
      world.stored.manifest(REPOSITORY, digestOf("sbom")),
    ]) {
      await takeAway(path);
    }
    const findings = await lacking(job(), NAMES);
    expect(findings.slice(0, 3)).toEqual([
      "blob missing amd64 config",
      "manifest missing amd64",
      "manifest missing index",
    ]);
    expect(await proven(job())).toMatchObject({ repaired: findings.length, failure: null });
    expect(await lacking(job(), NAMES)).toEqual([]);
    await whole();
  });

  test("a blob that was cut short, or changed, is found by its size, or by its bytes alone", async () => {
    await flipByte(world.stored.bytes(base.digest));
    await cutShort(world.stored.bytes(digestOf("amd64 layer")));
    expect(await lacking(job(), NAMES)).toEqual(["blob wrong-size amd64 layer"]);
    expect((await lacking(job(), NAMES, true)).sort()).toEqual([
      "blob wrong-bytes base",
      "blob wrong-size amd64 layer",
    ]);
    const proof = await proven(job(), true);
    if (kind === "docker") {
      // It takes the upload and keeps what it has: only its storage can be mended, and then the next repair brings it back.
      expect([proof.repaired, proof.failure]).toEqual([0, expect.any(VerifyError)]);
      expect(proof.failure).toMatchObject({ code: "TARGET_DAMAGED" });
      await takeAway(world.stored.bytes(base.digest));
      await takeAway(world.stored.bytes(digestOf("amd64 layer")));
      expect(await proven(job(), true)).toMatchObject({ repaired: 2, failure: null });
    } else {
      expect(proof).toMatchObject({ repaired: 2, failure: null });
    }
    expect(await lacking(job(), NAMES, true)).toEqual([]);
    await whole();
  });

  test("a manifest whose bytes changed is named", async () => {
    await flipByte(world.stored.bytes(digestOf("amd64")));
    expect(await lacking(job(), NAMES)).toEqual(["manifest wrong-bytes amd64"]);
    const proof = await proven(job());
    expect(proof.failure?.code).toBe(kind === "docker" ? "TARGET_DAMAGED" : undefined);
  });

  test("a tag whose own manifest cannot be read any more is named so, and not called a registry that is ill", async () => {
    const bytes = world.stored.bytes(multi.manifest.digest);
    if (kind === "docker") {
      // It answers 500 to every name of what it cannot parse.
      await cutShort(bytes);
      const failure = { name: "VerifyError", code: "TARGET_DAMAGED", digest: multi.manifest.digest };
      await expect(copied(job())).rejects.toMatchObject(failure);
      await takeAway(bytes);
    } else {
      await flipByte(bytes);
    }
    // What was lost is sent by its digest, and brings the tag back; what answers as ever is only found by who verifies.
    expect(await copied(job())).toMatchObject({ status: kind === "docker" ? "copied" : "up-to-date" });
    await proven(job());
    await whole();
  });

  test("what is tagged and refers to nothing that is there has to be listed all the same", async () => {
    const nowhere = attachment({ artifactType: "text/plain", content: "nowhere" }).manifest;
    const report = attachment({ artifactType: "text/report", content: "report", subject: nowhere });
    await pushContent(world.source.origin, REPOSITORY, "report", report);
    const tagged = () => world.job("report", report.manifest.digest);
    await copied(tagged());
    expect(await proven(tagged())).toMatchObject({ found: [], failure: null });
    const list =
      kind === "docker"
        ? world.stored.tag(REPOSITORY, referrersTag(nowhere.digest))
        : world.stored.manifest(REPOSITORY, nowhere.digest).replace("_manifests", "_referrers");
    await takeAway(list);
    const names = { [report.manifest.digest]: "report" };
    expect(await lacking(tagged(), names)).toEqual(["referrer not-listed report"]);
    expect(await proven(tagged())).toMatchObject({ repaired: 1, failure: null });
    expect(await lacking(tagged(), names)).toEqual([]);
  });

  test("a referrer that nobody is told of is named and listed again", async () => {
    if (kind === "docker") {
      await takeAway(world.stored.tag(REPOSITORY, referrersTag(digestOf("amd64"))));
    } else {
      const link = world.stored.manifest(REPOSITORY, digestOf("amd64")).replace("_manifests", "_referrers");
      await takeAway(link);
    }
    expect(await lacking(job(), NAMES)).toEqual(["referrer not-listed sbom"]);
    expect(await proven(job())).toMatchObject({ repaired: 1, failure: null });
    expect(await lacking(job(), NAMES)).toEqual([]);
  });

  test("what two tags share is asked for and brought back once, and fails both where it cannot be", async () => {
    await pushContent(world.source.origin, REPOSITORY, "v2", amd64);
    const other = world.job("v2", amd64.manifest.digest);
    await copied(other);
    await flipByte(world.stored.bytes(base.digest));
    const memory = new VerifyMemory();
    const since = await seen(world);
    const proofs = await Promise.all([job(), other].map((each) => proven(each, true, memory)));
    const reads = (await world.log()).slice(since);
    const count = (method: string, path: RegExp) =>
      reads.filter((each) => each.method === method && path.test(each.path)).length;
    expect(count("POST", /\/blobs\/uploads\//)).toBe(1);
    expect(count("GET", new RegExp(`/blobs/${base.digest}`))).toBeLessThanOrEqual(3);
    const code = kind === "docker" ? "TARGET_DAMAGED" : undefined;
    expect(proofs.map(({ failure }) => failure?.code)).toEqual([code, code]);
    // Whoever comes later asks for nothing but the tag.
    const later = await seen(world);
    expect((await proven(other, true, memory)).failure?.code).toBe(code);
    expect(new Set(await asked(world, later))).toEqual(new Set(["HEAD manifests"]));
  });
});
