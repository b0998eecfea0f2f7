import type { Descriptor, Platform } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import { ContentError } from "./errors.ts";
import {
  isIndex,
  isManifest,
  OCI_ARTIFACT_MANIFEST,
  type ResourceKind,
  resourceKind,
} from "./media-types.ts";
import type { Manifest } from "./repository.ts";

/** A body of this size must be accepted by every registry; 2.8.3 refuses one byte more (R1). */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Descriptors in one manifest. 4 MiB hold about 40,000 of them; nobody builds that. */
export const MAX_SUCCESSORS = 16_384;
/** Indexes inside indexes. */
export const MAX_DEPTH = 64;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

type Json = Record<string, unknown>;

/**
 * What a manifest is made of, in the order of the body: config, then layers or blobs; or an index's manifests.
 * Each digest once, as it is named first. `subject` is not among them: it is the parent of a referrer, not a part of it.
 * Tolerant where the specification is: no platform, unknown types, empty lists, blobs in an index (T16, T17).
 *
 * @throws {ContentError} UNREADABLE_MANIFEST when the body is not a manifest, is two kinds at once, or names something
 *   that cannot be a descriptor
 */
export function successors(manifest: Manifest): Descriptor[] {
  const unique = new Map<string, Descriptor>();
  for (const entry of entriesOf(manifest)) {
    if (!unique.has(entry.digest)) {
      unique.set(entry.digest, entry);
    }
  }
  return [...unique.values()];
}

/**
 * The same as often as the body names it: an index may name one image for several platforms.
 * @throws {ContentError} as `successors`
 */
export function entriesOf(manifest: Manifest): Descriptor[] {
  const { mediaType } = manifest.descriptor;
  const body = parseBody(manifest.bytes);
  // A body that reads as both kinds means different content to different clients (GHSA-qq97-vm5h-rrhg).
  const ambiguous = "manifests" in body && ("layers" in body || "config" in body || "blobs" in body);
  if (!isManifest(mediaType) || ambiguous) {
    throw unreadable("a manifest or an index", ambiguous ? "both at once" : `media type ${mediaType}`);
  }
  const lists = isIndex(mediaType)
    ? [list(body, "manifests")]
    : mediaType === OCI_ARTIFACT_MANIFEST
      ? [list(body, "blobs")]
      : [["config" in body ? [body.config] : missing("config"), list(body, "layers")].flat()];
  const entries = lists.flat().map(parseDescriptor);
  const sizes = new Map<string, number>();
  for (const { digest, size } of entries) {
    const seen = sizes.get(digest) ?? size;
    if (seen !== size) {
      throw unreadable(`one size for ${digest}`, `${seen} and ${size}`);
    }
    sizes.set(digest, size);
  }
  return entries;
}

/**
 * Image or chart, by the type of the config. An index is an image.
 * @throws {ContentError} UNREADABLE_MANIFEST
 */
export function resourceKindOf(manifest: Manifest): ResourceKind {
  const { config } = parseBody(manifest.bytes);
  return resourceKind(
    isObject(config) && typeof config.mediaType === "string" ? config.mediaType : undefined,
  );
}

/** @throws {ContentError} UNREADABLE_MANIFEST when the bytes are no JSON object */
export function parseBody(bytes: Uint8Array): Json {
  let body: unknown;
  try {
    body = JSON.parse(UTF8.decode(bytes));
  } catch (cause) {
    throw new ContentError("UNREADABLE_MANIFEST", "JSON", "something else", { cause });
  }
  if (!isObject(body)) {
    throw unreadable("a JSON object", Array.isArray(body) ? "a list" : typeof body);
  }
  return body;
}

/** @throws {ContentError} UNREADABLE_MANIFEST */
function parseDescriptor(entry: unknown): Descriptor {
  if (!isObject(entry)) {
    throw unreadable("a descriptor", Array.isArray(entry) ? "a list" : typeof entry);
  }
  const { mediaType, digest, size, artifactType } = entry;
  if (typeof digest !== "string" || !isDigest(digest)) {
    throw unreadable("a sha256 or sha512 digest", printable(digest));
  }
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw unreadable("a size in bytes", printable(size));
  }
  return {
    // An entry without a type is carried as a blob, as other clients do.
    mediaType: typeof mediaType === "string" && mediaType !== "" ? mediaType : "application/octet-stream",
    digest,
    size,
    ...(isPlatform(entry.platform) ? { platform: entry.platform } : {}),
    ...(typeof artifactType === "string" ? { artifactType } : {}),
    ...(isTexts(entry.annotations) ? { annotations: entry.annotations } : {}),
    ...(isUrls(entry.urls) ? { urls: entry.urls } : {}),
    ...(typeof entry.data === "string" ? { data: entry.data } : {}),
  };
}

function list(body: Json, field: string): unknown[] {
  const value = body[field] ?? [];
  if (!Array.isArray(value)) {
    throw unreadable(`a list of ${field}`, typeof value);
  }
  if (value.length > MAX_SUCCESSORS) {
    throw unreadable(`at most ${MAX_SUCCESSORS} ${field}`, `${value.length}`);
  }
  return value;
}

function missing(field: string): never {
  throw unreadable(`a ${field}`, "none");
}

function unreadable(expected: string, actual: string): ContentError {
  return new ContentError("UNREADABLE_MANIFEST", expected, actual);
}

function printable(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 160);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlatform(value: unknown): value is Platform {
  return isObject(value) && typeof value.os === "string" && typeof value.architecture === "string";
}

export function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}

function isUrls(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((url) => typeof url === "string");
}
