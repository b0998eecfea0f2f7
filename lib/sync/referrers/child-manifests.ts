import type { Descriptor } from "../../registry/descriptor.ts";
import { isIndex, isManifest } from "../../registry/media-types.ts";
import { successors } from "../../registry/successors.ts";
import { readManifest } from "../copy-graph.ts";
import { step } from "../errors.ts";
import { keptOf } from "../platforms/narrow.ts";
import type { Walk } from "../walk.ts";

/** A manifest as its parent names it. */
export type Node = Pick<Descriptor, "digest" | "mediaType">;

/** What an index names never changes: a process reads it once, so that a comparison does not read every index again. */
const known = new Map<string, readonly Node[]>();
const MAX_KNOWN = 4_096;

/** The manifests of an index that are copied; none for anything else. @throws {CopyError} */
export async function childManifests(node: Node, walk: Walk): Promise<readonly Node[]> {
  return isIndex(node.mediaType) ? keptOf(await namedBy(node.digest, walk), node.digest, walk.kept) : [];
}

async function namedBy(digest: string, walk: Walk): Promise<readonly Node[]> {
  const remembered = known.get(digest);
  if (remembered) {
    return remembered;
  }
  const manifest = await readManifest({ digest }, walk);
  const children = await step({ operation: "read-manifest", side: "source", digest }, async () =>
    successors(manifest)
      .filter((child) => isManifest(child.mediaType))
      .map((child) => ({ digest: child.digest, mediaType: child.mediaType })),
  );
  known.set(digest, children);
  const oldest = known.size > MAX_KNOWN ? known.keys().next().value : undefined;
  if (oldest !== undefined) {
    known.delete(oldest);
  }
  return children;
}
