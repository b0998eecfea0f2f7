import { isIndex } from "../../registry/media-types.ts";
import type { PlatformChoice } from "../../schemas/platform.ts";
import { type ContentReader, type Kept, narrow } from "./narrow.ts";

/** Which parts of indexes are copied, and how sure an index at the target is. */
export interface PartsRequest {
  /** null: whole indexes. */
  platforms?: PlatformChoice | null | undefined;
  /** An index that stands at the target may lack parts: a former version of the rule left some out. */
  partsBefore?: boolean | undefined;
}

/** What is to stand under a tag at the target. */
export interface Aim {
  digest: string;
  mediaType?: string | undefined;
  /** Bytes of the manifest; undefined where it is as the scan found it. */
  size?: number | undefined;
  /** Of indexes that are not copied whole. */
  kept?: Kept | undefined;
  /** Manifests that have to be there although the index itself stands. */
  manifests?: readonly string[] | undefined;
}

/**
 * What a tag comes to at the target under a choice of platforms; null: nothing of it is for a platform that was asked for.
 * Without a choice nothing is read. An image that stands there already is not read to learn what it is for.
 * @throws what reading throws
 */
export async function aimOf(
  request: PartsRequest & { digest: string; mediaType?: string | undefined },
  standing: { digest: string; mediaType: string } | null,
  reader: ContentReader,
): Promise<Aim | null> {
  const { digest, platforms, partsBefore } = request;
  const same = standing?.digest === digest;
  const mediaType = request.mediaType ?? (same ? standing.mediaType : undefined);
  const asItIs = { digest, mediaType };
  const image = mediaType !== undefined && !isIndex(mediaType);
  if ((!platforms && !(partsBefore && same)) || (image && (same || !platforms))) {
    return asItIs;
  }
  const narrowed = await narrow(platforms ?? { mode: "whole", names: [] }, asItIs, reader);
  switch (narrowed.kind) {
    case "as-is":
      return asItIs;
    case "parts":
      return { ...asItIs, kept: narrowed.kept, manifests: narrowed.manifests };
    case "image":
      return narrowed.image;
    case "absent":
      return null;
  }
}
