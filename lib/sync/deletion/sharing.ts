import { isIndex } from "../../registry/media-types.ts";
import type { Repository } from "../../registry/repository.ts";
import { successors } from "../../registry/successors.ts";
import { step } from "../errors.ts";
import { mapLimited } from "../limit.ts";

/** What else at the target needs a manifest. */
export interface Sharing {
  /** Other tags that name it. */
  tags: string[];
  /** An index that some other tag names holds it, as a platform of an image does. */
  byDigest: boolean;
}

/** Tags of a repository that are asked about at most: each costs a request. */
export const SHARING_LIMIT = 1_000;
const AT_ONCE = 8;
/** Indexes inside of indexes that are looked into. */
const DEPTH = 4;

/**
 * Asks every other tag of the repository what it names.
 * @returns null when there are more than {@link SHARING_LIMIT}
 * @throws {CopyError}
 */
export async function sharingOf(
  target: Repository,
  { tag, digest }: { tag: string; digest: string },
  signal: AbortSignal,
): Promise<Sharing | null> {
  const others = await step({ operation: "list-tags", side: "target" }, async () => {
    const names = new Set<string>();
    for await (const page of target.tags({ signal })) {
      for (const name of page) {
        names.add(name);
      }
      if (names.size > SHARING_LIMIT) {
        return null;
      }
    }
    names.delete(tag);
    return [...names];
  });
  if (others === null) {
    return null;
  }
  const named = await mapLimited(others, AT_ONCE, (name) =>
    step({ operation: "resolve-tag", side: "target" }, async () => ({
      name,
      found: await target.resolve(name, { signal }),
    })),
  );
  const indexes = new Set(
    named.flatMap(({ found }) =>
      found && isIndex(found.mediaType) && found.digest !== digest ? [found.digest] : [],
    ),
  );
  return {
    tags: named.flatMap(({ name, found }) => (found?.digest === digest ? [name] : [])),
    byDigest: await holds(target, indexes, { digest, signal, depth: DEPTH }),
  };
}

/** Whether one of these indexes names the digest, however deep. */
async function holds(
  target: Repository,
  indexes: ReadonlySet<string>,
  wanted: { digest: string; signal: AbortSignal; depth: number },
): Promise<boolean> {
  const { digest, signal, depth } = wanted;
  const nested = new Set<string>();
  for (const index of indexes) {
    const children = await step({ operation: "fetch-manifest", side: "target", digest: index }, async () =>
      successors(await target.fetchManifest(index, { signal })),
    );
    if (children.some((child) => child.digest === digest)) {
      return true;
    }
    for (const child of children.filter(({ mediaType }) => isIndex(mediaType))) {
      nested.add(child.digest);
    }
  }
  if (nested.size === 0) {
    return false;
  }
  // Deeper than anybody nests them: taken for a yes, which deletes nothing.
  return depth === 0 || holds(target, nested, { ...wanted, depth: depth - 1 });
}
