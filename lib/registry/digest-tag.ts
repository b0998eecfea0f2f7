import { parseDigest } from "./digest.ts";
import { isDigestTag, isTag } from "./reference.ts";

/** What cosign puts behind the digest of the manifest that it signed, attested or described. */
const COSIGN_SUFFIXES = [".sig", ".att", ".sbom"] as const;

/**
 * The tag under which the tag schema lists the referrers of a manifest: `<algorithm>-<hex>`, the algorithm cut at 32 and the
 * hex at 64 characters. OCI distribution-spec v1.1.1, "Referrers Tag Schema".
 * @throws {TypeError} for what is no digest
 */
export function referrersTag(subject: string): string {
  const digest = parseDigest(subject);
  if (!digest) {
    throw new TypeError("not a digest");
  }
  return `${digest.algorithm.slice(0, 32)}-${digest.encoded.slice(0, 64)}`;
}

/**
 * The tags under which cosign keeps what belongs to a manifest; none for a sha512 digest, whose tags would be longer than tags are.
 * cosign, "Signature Specification", "Storage".
 */
export function cosignTags(subject: string): string[] {
  const stem = subject.replace(":", "-");
  return COSIGN_SUFFIXES.map((suffix) => stem + suffix).filter(isTag);
}

/**
 * The manifest that a digest tag belongs to. @returns null for every other tag, and where the tag holds only a part of the
 * digest (sha512 in the tag schema)
 */
export function subjectOfDigestTag(tag: string): string | null {
  if (!isDigestTag(tag)) {
    return null;
  }
  const digest = tag.replace(/\.[a-z]+$/, "").replace("-", ":");
  return parseDigest(digest) ? digest : null;
}
