import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import {
  type Artifact,
  attachment,
  descriptorOf,
  image,
  imageManifest,
  index,
  type Layer,
  layer,
  MEDIA,
  type Piece,
  piece,
  sha256,
} from "./content.ts";
import type { TaggedArtifact } from "./demo-content.ts";
import { helmChart } from "./helm-chart.ts";
import { tar } from "./tar.ts";

/** URLs that the registries of a corpus have to let layers name. */
export const CORPUS_FOREIGN_URLS = "^https://layers.example.com/";
/** What every registry takes, and not a byte more. */
const LARGEST_MANIFEST_BYTES = 4 * 1024 * 1024;
const TYPES = {
  tar: "application/vnd.oci.image.layer.v1.tar",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  foreign: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  dockerForeign: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  inToto: "application/vnd.in-toto+json",
} as const;
const ARM = { os: "linux", architecture: "arm64", variant: "v8" };
const CONFIG = piece(MEDIA.config, JSON.stringify({ os: "linux", architecture: "amd64" }));

/** One kind of content that clients push. */
export interface CorpusEntry extends TaggedArtifact {
  /** skopeo copies it; else oras has to. */
  readonly runs: boolean;
}

/** A manifest of these layers and whatever else is to stand in it. */
export function manifestOf(layers: readonly Piece[], more: Record<string, unknown> = {}): Artifact {
  const document = { ...imageManifest(MEDIA.manifest, CONFIG, layers), ...more };
  return {
    manifest: piece(MEDIA.manifest, JSON.stringify(document)),
    blobs: [CONFIG, ...layers],
    children: [],
  };
}

/** A manifest of exactly so many bytes. */
export function sizedManifest(bytes: number): Artifact {
  const of = (length: number) =>
    manifestOf([layer("sized", 1_000)], { annotations: { padding: "x".repeat(length) } });
  return of(bytes - of(0).manifest.bytes.length);
}

/** Named by a digest of another algorithm than most. */
export function sha512Piece(mediaType: string, content: string): Piece {
  const bytes = Buffer.from(content);
  return { mediaType, digest: `sha512:${createHash("sha512").update(bytes).digest("hex")}`, bytes };
}

/** Indexes in indexes, an image at the bottom. */
export function nestedIndex(depth: number): Artifact {
  let node: Artifact = image({ layers: [layer("deep", 1_000)] });
  for (let level = 0; level < depth; level += 1) {
    node = index([node], { annotations: { level: String(level) } });
  }
  return node;
}

/** Every kind of content that a client can push into a CNCF Distribution, each under a name of its own below `namespace`. */
export function corpus(namespace: string): CorpusEntry[] {
  const entry = (name: string, artifact: Artifact, runs = false): CorpusEntry => ({
    ...{ repository: `${namespace}/${name}`, tag: "v1", artifact, runs },
  });
  const base = layer("corpus-base", 200_000);
  const dockerBase = layer("corpus-docker-base", 50_000, true);
  const docker = image({ layers: [dockerBase], docker: true });
  const oci = image({ layers: [base, layer("corpus-app", 20_000)] });
  const arm = image({ layers: [base, layer("corpus-arm", 9_000)], platform: ARM });
  const bare = { ...oci, platform: undefined };
  return [
    entry("oci", oci, true),
    entry("docker", docker, true),
    entry("oci-index", index([oci, arm]), true),
    entry("docker-list", index([docker], { docker: true }), true),
    entry("nested", index([index([oci, arm]), docker])),
    entry("no-platform", index([bare, { ...arm, platform: undefined }])),
    entry("buildx", buildxIndex(oci)),
    entry("zstd", image({ layers: [compressedBy("zstd", "corpus-zstd"), base] }), true),
    entry("uncompressed", image({ layers: [compressedBy("tar", "corpus-tar"), base] }), true),
    entry("empty-config", attachment({ artifactType: "application/vnd.example.sbom", content: "{}" })),
    entry("only-empty", onlyEmpty()),
    // 2.8.3 lists no repository that has never held a blob.
    { ...entry("oci", index([])), tag: "empty-index" },
    entry("zero-length", manifestOf([piece(MEDIA.layer, ""), base])),
    entry("no-layers", manifestOf([])),
    entry("repeated", image({ layers: [base, base, layer("corpus-app", 20_000), base] }), true),
    entry("foreign-held", foreign(TYPES.foreign, true)),
    entry("foreign-elsewhere", foreign(TYPES.foreign, false)),
    entry("docker-foreign", dockerForeign(dockerBase)),
    entry("unknown-types", unknownTypes()),
    entry("sha512", manifestOf([sha512Piece(MEDIA.layer, "hashed by sha512"), base])),
    entry("as-it-was-written", asWritten(base)),
    entry("no-media-type", withoutMediaType(base)),
    entry("largest", sizedManifest(LARGEST_MANIFEST_BYTES)),
    entry("chart", helmChart({ name: "corpus", version: "1.2.3" })),
  ];
}

function compressedBy(kind: "zstd" | "tar", seed: string): Layer {
  const archive = tar([{ path: `opt/${seed}`, content: Buffer.from(seed.repeat(5_000)) }]);
  const bytes = kind === "zstd" ? zstdCompressSync(archive) : archive;
  return { ...piece(TYPES[kind], bytes), diffId: sha256(archive) };
}

/** As `docker buildx build --provenance` makes it: each image has an attestation beside it, of an unknown platform. */
function buildxIndex(subject: Artifact): Artifact {
  const statement = piece(
    TYPES.inToto,
    JSON.stringify({ _type: "https://in-toto.io/Statement/v0.1", subject: [] }),
  );
  const attestation = manifestOf([statement]);
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [
      { ...descriptorOf(subject.manifest), platform: { os: "linux", architecture: "amd64" } },
      {
        ...descriptorOf(attestation.manifest),
        annotations: {
          "vnd.docker.reference.digest": subject.manifest.digest,
          "vnd.docker.reference.type": "attestation-manifest",
        },
        platform: { os: "unknown", architecture: "unknown" },
      },
    ],
  };
  return {
    manifest: piece(MEDIA.index, JSON.stringify(document)),
    blobs: [],
    children: [subject, attestation],
  };
}

/** Nothing but `{}`, as config and as layer. OCI image-spec v1.1.1, "Guidelines for Artifact Usage". */
function onlyEmpty(): Artifact {
  const empty = piece(MEDIA.empty, "{}");
  const artifactType = "application/vnd.example.marker";
  const document = { ...imageManifest(MEDIA.manifest, empty, [empty]), artifactType };
  return { manifest: piece(MEDIA.manifest, JSON.stringify(document)), blobs: [empty], children: [] };
}

/** @param held whether the registry has the bytes although it need not */
function foreign(mediaType: string, held: boolean): Artifact {
  const away = piece(mediaType, `bytes of a foreign layer, ${held ? "held" : "elsewhere"}`);
  const here = layer("corpus-foreign", 3_000);
  const layers = [{ ...descriptorOf(away), urls: ["https://layers.example.com/one"] }, descriptorOf(here)];
  const { manifest } = manifestOf([], { layers });
  return { manifest, blobs: [CONFIG, here, ...(held ? [away] : [])], children: [] };
}

function dockerForeign(here: Layer): Artifact {
  const config = piece(MEDIA.dockerConfig, JSON.stringify({ os: "windows", architecture: "amd64" }));
  const away = piece(TYPES.dockerForeign, "a base of windows, which nobody may hand on");
  const document = {
    ...imageManifest(MEDIA.dockerManifest, config, []),
    layers: [{ ...descriptorOf(away), urls: ["https://layers.example.com/two"] }, descriptorOf(here)],
  };
  return {
    manifest: piece(MEDIA.dockerManifest, JSON.stringify(document)),
    blobs: [config, here],
    children: [],
  };
}

function unknownTypes(): Artifact {
  const config = piece("application/vnd.nobody.config.v9+cbor", Buffer.from([0xa0]));
  const blobs = [piece("application/x-nobody-knows", "what is it"), piece("x/y", "nor this")];
  const document = { ...imageManifest(MEDIA.manifest, config, blobs), artifactType: "application/x-thing" };
  return {
    manifest: piece(MEDIA.manifest, JSON.stringify(document)),
    blobs: [config, ...blobs],
    children: [],
  };
}

/** Other white space, another order, fields that nobody knows, escapes: written anew it would be another manifest (T11). */
function asWritten(base: Layer): Artifact {
  const { layers, config } = imageManifest(MEDIA.manifest, CONFIG, [base]);
  const document = {
    layers,
    "x-unknown": [1.0, 1e3, null],
    config,
    mediaType: MEDIA.manifest,
    schemaVersion: 2,
  };
  const text = JSON.stringify(document, null, 3).replace("x-unknown", "x-\\u00fcnknown");
  return { manifest: piece(MEDIA.manifest, `${text}\n`), blobs: [CONFIG, base], children: [] };
}

/** The specification lets the body leave out what it is: the header says so alone. */
function withoutMediaType(base: Layer): Artifact {
  const { mediaType, ...document } = imageManifest(MEDIA.manifest, CONFIG, [base]);
  return { manifest: piece(mediaType, JSON.stringify(document)), blobs: [CONFIG, base], children: [] };
}
