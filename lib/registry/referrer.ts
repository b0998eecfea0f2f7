import type { Descriptor } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import type { Manifest } from "./repository.ts";
import { isObject, isTexts, parseBody } from "./successors.ts";

/**
 * The manifest that this one refers to. OCI image-spec v1.1.1, "Image Manifest", `subject`.
 * @returns null when it refers to none
 * @throws {ContentError} UNREADABLE_MANIFEST
 */
export function subjectOf(manifest: Manifest): string | null {
  const { subject } = parseBody(manifest.bytes);
  return isObject(subject) && typeof subject.digest === "string" && isDigest(subject.digest)
    ? subject.digest
    : null;
}

/**
 * A manifest as a list of referrers names it: with its type, or else that of its config, and all its annotations.
 * OCI distribution-spec v1.1.1, "Listing Referrers".
 * @throws {ContentError} UNREADABLE_MANIFEST
 */
export function referrerDescriptor(manifest: Manifest): Descriptor {
  const { artifactType, config, annotations } = parseBody(manifest.bytes);
  const type =
    typeof artifactType === "string" && artifactType !== ""
      ? artifactType
      : isObject(config) && typeof config.mediaType === "string"
        ? config.mediaType
        : undefined;
  return {
    ...manifest.descriptor,
    ...(type === undefined ? {} : { artifactType: type }),
    ...(isTexts(annotations) ? { annotations } : {}),
  };
}
