import { createCipheriv, createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tar } from "./tar.ts";

/** Bytes with their name and kind. */
export interface Piece {
  mediaType: string;
  digest: string;
  bytes: Buffer;
}

export interface Layer extends Piece {
  /** Digest of the archive before compression, as an image config lists it. */
  diffId: string;
}

export interface TestPlatform {
  os: string;
  architecture: string;
  variant?: string;
}

/** A manifest with everything that it names. */
export interface Artifact {
  manifest: Piece;
  /** Config and layers. */
  blobs: Piece[];
  /** What an index names. */
  children: Artifact[];
  platform?: TestPlatform | undefined;
  /** Of its entry in an index. */
  annotations?: Record<string, string> | undefined;
}

export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  empty: "application/vnd.oci.empty.v1+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

const CREATED = "2024-01-01T00:00:00Z";

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function piece(mediaType: string, content: Uint8Array | string): Piece {
  const bytes = Buffer.from(content);
  return { mediaType, digest: sha256(bytes), bytes };
}

export function descriptorOf({ mediaType, digest, bytes }: Piece): {
  mediaType: string;
  digest: string;
  size: number;
} {
  return { mediaType, digest, size: bytes.length };
}

/** The same bytes for the same seed; they do not compress. */
export function seededBytes(seed: string, sizeBytes: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** A gzipped archive with one file of `sizeBytes`. */
export function layer(seed: string, sizeBytes: number, docker = false): Layer {
  const archive = tar([
    { path: `opt/${seed.replace(/[^a-z0-9.-]/gi, "-").slice(0, 80)}`, content: seededBytes(seed, sizeBytes) },
  ]);
  return {
    ...piece(docker ? MEDIA.dockerLayer : MEDIA.layer, gzipSync(archive, { level: 1 })),
    diffId: sha256(archive),
  };
}

export interface ImageOptions {
  layers: readonly Layer[];
  /** Merged over the config's `config`: Env, Cmd, Labels … */
  config?: Record<string, unknown>;
  platform?: TestPlatform;
  annotations?: Record<string, string>;
  /** What it is attached to. */
  subject?: Piece;
  /** Docker media types (image manifest version 2, schema 2) instead of OCI's. */
  docker?: boolean;
}

/** An image that a runtime would accept. OCI image-spec v1.1.1, "Image Manifest" and "Image Configuration". */
export function image(options: ImageOptions): Artifact {
  const { layers, annotations, subject, docker } = options;
  const platform = options.platform ?? { os: "linux", architecture: "amd64" };
  const config = piece(
    docker ? MEDIA.dockerConfig : MEDIA.config,
    JSON.stringify({
      created: CREATED,
      ...platform,
      config: { Cmd: ["/bin/true"], ...options.config },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created: CREATED, created_by: "lockstep" })),
    }),
  );
  const mediaType = docker ? MEDIA.dockerManifest : MEDIA.manifest;
  const manifest = { ...imageManifest(mediaType, config, layers), annotations, ...subjectOf(subject) };
  return {
    manifest: piece(mediaType, JSON.stringify(manifest)),
    blobs: [config, ...layers],
    children: [],
    platform,
  };
}

export interface AttachmentOptions {
  artifactType: string;
  content: string | Uint8Array;
  subject?: Piece;
  annotations?: Record<string, string>;
}

/** Any other artifact, such as a signature or an SBOM. OCI image-spec v1.1.1, "Guidelines for Artifact Usage". */
export function attachment(options: AttachmentOptions): Artifact {
  const { artifactType, subject, annotations } = options;
  const config = piece(MEDIA.empty, "{}");
  const blob = piece(artifactType, options.content);
  const manifest = { ...imageManifest(MEDIA.manifest, config, [blob]), artifactType, annotations };
  return {
    manifest: piece(MEDIA.manifest, JSON.stringify({ ...manifest, ...subjectOf(subject) })),
    blobs: [config, blob],
    children: [],
  };
}

/** An attestation as buildx puts it beside its image into the same index: for no platform, and referring to it. */
export function attestation(of: Artifact, content: string): Artifact {
  const statement = piece("application/vnd.in-toto+json", content);
  const config = piece(MEDIA.config, JSON.stringify({ architecture: "unknown", os: "unknown", config: {} }));
  return {
    manifest: piece(MEDIA.manifest, JSON.stringify(imageManifest(MEDIA.manifest, config, [statement]))),
    blobs: [config, statement],
    children: [],
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.digest": of.manifest.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
  };
}

/** OCI image-spec v1.1.1, "Image Index". */
export function index(
  children: readonly Artifact[],
  options: { docker?: boolean; annotations?: Record<string, string> } = {},
): Artifact {
  const mediaType = options.docker ? MEDIA.dockerList : MEDIA.index;
  const document = {
    schemaVersion: 2,
    mediaType,
    manifests: children.map((child) => ({
      ...descriptorOf(child.manifest),
      platform: child.platform,
      annotations: child.annotations,
    })),
    annotations: options.annotations,
  };
  return { manifest: piece(mediaType, JSON.stringify(document)), blobs: [], children: [...children] };
}

export function imageManifest(mediaType: string, config: Piece, layers: readonly Piece[]) {
  return { schemaVersion: 2, mediaType, config: descriptorOf(config), layers: layers.map(descriptorOf) };
}

function subjectOf(subject: Piece | undefined) {
  return subject === undefined ? {} : { subject: descriptorOf(subject) };
}

/** Bytes of everything distinct below these artifacts. */
export function distinctBytes(artifacts: readonly Artifact[]): number {
  const sizes = new Map<string, number>();
  const visit = (artifact: Artifact) => {
    for (const { digest, bytes } of [artifact.manifest, ...artifact.blobs]) {
      sizes.set(digest, bytes.length);
    }
    artifact.children.forEach(visit);
  };
  artifacts.forEach(visit);
  return [...sizes.values()].reduce((total, size) => total + size, 0);
}
