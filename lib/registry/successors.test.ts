import { describe, expect, test } from "vitest";
import { ContentError } from "./errors.ts";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  HELM_CONFIG,
  OCI_ARTIFACT_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./media-types.ts";
import type { Manifest } from "./repository.ts";
import { MAX_SUCCESSORS, resourceKindOf, successors } from "./successors.ts";
import { digestOf } from "./verify.ts";

function manifest(mediaType: string, body: unknown): Manifest {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

const named = (name: string, size = name.length) => ({
  mediaType: `application/${name}`,
  digest: digestOf(Buffer.from(name)),
  size,
});
const names = (found: { mediaType: string }[]) =>
  found.map(({ mediaType }) => mediaType.replace("application/", ""));
const [config, layer, other, subject] = ["config", "layer", "other", "subject"].map((name) => named(name));

describe("what a manifest is made of", () => {
  test.each([OCI_MANIFEST, DOCKER_MANIFEST])("%s: config and layers, without the subject", (mediaType) => {
    const found = successors(manifest(mediaType, { config, layers: [layer, other], subject }));
    expect(names(found)).toEqual(["config", "layer", "other"]);
  });

  test.each([OCI_INDEX, DOCKER_LIST])("%s: its manifests", (mediaType) => {
    expect(names(successors(manifest(mediaType, { manifests: [layer, other], subject })))).toEqual([
      "layer",
      "other",
    ]);
  });

  test("an artifact manifest: its blobs", () => {
    expect(names(successors(manifest(OCI_ARTIFACT_MANIFEST, { blobs: [layer], subject })))).toEqual([
      "layer",
    ]);
  });

  test("a digest that is named twice counts once", () => {
    expect(names(successors(manifest(OCI_MANIFEST, { config, layers: [layer, layer, config] })))).toEqual([
      "config",
      "layer",
    ]);
  });

  test("nothing is an answer too", () => {
    expect(successors(manifest(OCI_INDEX, { manifests: [] }))).toEqual([]);
    expect(successors(manifest(OCI_INDEX, { manifests: null }))).toEqual([]);
    expect(names(successors(manifest(OCI_MANIFEST, { config })))).toEqual(["config"]);
  });

  test("what the specification leaves open is no error", () => {
    const platform = { os: "unknown", architecture: "unknown" };
    const entries = [
      { ...named("a"), platform },
      { ...named("b"), platform: "linux" },
      { ...named("c"), mediaType: undefined },
      {
        ...named("d"),
        artifactType: "application/vnd.example",
        annotations: { a: "b" },
        urls: ["https://x"],
        extra: 1,
      },
    ];
    const found = successors(manifest(OCI_INDEX, { manifests: entries }));
    expect(found.map((entry) => entry.platform)).toEqual([platform, undefined, undefined, undefined]);
    expect(found[2]?.mediaType).toBe("application/octet-stream");
    expect(found[3]).toEqual({
      ...named("d"),
      artifactType: "application/vnd.example",
      annotations: { a: "b" },
      urls: ["https://x"],
    });
  });

  test.each([
    ["no JSON", OCI_MANIFEST, "<html>Login</html>"],
    ["a list", OCI_MANIFEST, "[]"],
    ["null", OCI_MANIFEST, "null"],
    ["bytes that are no UTF-8", OCI_MANIFEST, "\ud800"],
    ["100,000 nested lists", OCI_MANIFEST, "[".repeat(100_000) + "]".repeat(100_000)],
    ["an unknown type", "application/vnd.docker.distribution.manifest.v1+prettyjws", { config, layers: [] }],
    ["two kinds at once", OCI_MANIFEST, { config, layers: [layer], manifests: [other] }],
    ["two kinds at once in an index", OCI_INDEX, { layers: [layer], manifests: [other] }],
    ["no config", OCI_MANIFEST, { layers: [layer] }],
    ["layers that are no list", OCI_MANIFEST, { config, layers: { 0: layer } }],
    ["an entry that is none", OCI_INDEX, { manifests: [null] }],
    ["an entry that is text", OCI_INDEX, { manifests: ["sha256:abc"] }],
    ["a digest with a path in it", OCI_INDEX, { manifests: [{ ...layer, digest: "sha256:../../x" }] }],
    ["a digest that is a number", OCI_INDEX, { manifests: [{ ...layer, digest: 1 }] }],
    ["a negative size", OCI_INDEX, { manifests: [{ ...layer, size: -1 }] }],
    ["a size of 2^60", OCI_INDEX, { manifests: [{ ...layer, size: 2 ** 60 }] }],
    ["a broken size", OCI_INDEX, { manifests: [{ ...layer, size: 1.5 }] }],
    ["a size in words", OCI_INDEX, { manifests: [{ ...layer, size: "5" }] }],
    ["no size", OCI_INDEX, { manifests: [{ ...layer, size: undefined }] }],
    ["one digest of two sizes", OCI_INDEX, { manifests: [layer, { ...layer, size: 9 }] }],
    [
      "more than anybody builds",
      OCI_INDEX,
      { manifests: Array.from({ length: MAX_SUCCESSORS + 1 }, () => layer) },
    ],
  ])("%s cannot be read", (_what, mediaType, body) => {
    expect(() => successors(manifest(mediaType, body))).toThrow(ContentError);
    expect(() => successors(manifest(mediaType, body))).toThrow("UNREADABLE_MANIFEST");
  });
});

test("the config decides what is a chart", () => {
  const chart = manifest(OCI_MANIFEST, { config: { ...config, mediaType: HELM_CONFIG }, layers: [] });
  expect(resourceKindOf(chart)).toBe("chart");
  expect(resourceKindOf(manifest(OCI_MANIFEST, { config, layers: [] }))).toBe("image");
  expect(resourceKindOf(manifest(OCI_INDEX, { manifests: [] }))).toBe("image");
});
