import type { Descriptor } from "./descriptor.ts";
import { parseDigest } from "./digest.ts";
import { digestOf } from "./verify.ts";

/**
 * The content that a descriptor carries itself, where it is what digest and size say: nothing has to be read for it, and a source
 * may well have no blob of it. OCI image-spec v1.1.1, "Content Descriptors", `data`.
 * @returns null where there is none, or other content
 */
export function inlineContent({ data, digest, size }: Descriptor): Uint8Array | null {
  if (data === undefined || data.length > 2 * size + 4) {
    return null;
  }
  const bytes = Buffer.from(data, "base64");
  return bytes.length === size && digestOf(bytes, parseDigest(digest)?.algorithm) === digest ? bytes : null;
}
