import type { Descriptor } from "../../registry/descriptor.ts";
import { referrersTag } from "../../registry/digest-tag.ts";
import { isIndex } from "../../registry/media-types.ts";
import type { DigestTagList } from "../../schemas/referrers.ts";

/** Names that are carried along with a tag though they may belong to another. */
const MOST_OTHERS = 8;
/** A digest tag without what stands behind the part that the tag schema keeps of the digest. */
const STEM = /^sha\d+-[0-9a-f]{64}/;

/**
 * Sorts the digest tags of a repository by the tags whose content they belong to, so that a copy need not ask for any.
 * @param listed null: the list was not read
 * @param roots what the tags name
 */
export function digestTagsOf(
  listed: readonly string[] | null,
  roots: readonly Pick<Descriptor, "digest" | "mediaType">[],
): (root: Pick<Descriptor, "digest" | "mediaType">) => DigestTagList | null {
  if (!listed) {
    return () => null;
  }
  const byStem = Map.groupBy(listed, (tag) => STEM.exec(tag)?.[0] ?? tag);
  const stems = new Set(roots.map(({ digest }) => referrersTag(digest)));
  const others = [...byStem].flatMap(([stem, tags]) => (stems.has(stem) ? [] : tags));
  const carried = others.length > MOST_OTHERS ? null : others;
  return ({ digest, mediaType }) => {
    const own = byStem.get(referrersTag(digest)) ?? [];
    // What is no index and has nothing has nothing deeper down either, but by the API: that is asked for where there is one.
    const mayHaveMore = own.length > 0 || isIndex(mediaType) || others.length === 0;
    return { own, others: mayHaveMore ? carried : null };
  };
}
