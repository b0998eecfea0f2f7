import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { isIndex } from "../../registry/media-types.ts";
import { isDigestTag } from "../../registry/reference.ts";
import type { Repository } from "../../registry/repository.ts";
import type { DigestTagList } from "../../schemas/referrers.ts";
import { step } from "../errors.ts";
import type { Walk } from "../walk.ts";
import type { Node } from "./child-manifests.ts";

/** What the source has under the digest tags of a manifest. */
export interface TagsOfSubject {
  /** cosign's, those that exist. */
  cosign: string[];
  /** Whether the tag schema's is in the list of tags; undefined: no list was read. */
  tagListed: boolean | undefined;
}

export type DigestTags = (subject: string) => Promise<TagsOfSubject>;

/**
 * Finds the digest tags of a manifest of a tag, of its parts and of what refers to them: in the list that the scan read, which
 * costs nothing, else by asking for them. An index may have many parts: for these the list is read, which may be long, instead
 * of asking for each tag.
 */
export function digestTagsAt(
  walk: Walk,
  root: Node,
  { scanned, listed }: { scanned: string; listed: DigestTagList | null },
): DigestTags {
  const asked = isIndex(root.mediaType)
    ? async (subject: string) => namesIn(await listOnce(walk), subject)
    : askEach(walk);
  return async (subject) => {
    const names = subject === scanned ? listed?.own : listed?.others;
    return names ? namesIn(new Set(names), subject) : asked(subject);
  };
}

function namesIn(names: ReadonlySet<string>, subject: string): TagsOfSubject {
  return {
    cosign: cosignTags(subject).filter((tag) => names.has(tag)),
    tagListed: names.has(referrersTag(subject)),
  };
}

function askEach({ source, signal }: Walk): DigestTags {
  return async (subject) => {
    const found = await step({ operation: "resolve-tag", side: "source", digest: subject }, () =>
      Promise.all(
        cosignTags(subject).map(async (tag) => ((await source.resolve(tag, { signal })) ? [tag] : [])),
      ),
    );
    return { cosign: found.flat(), tagListed: undefined };
  };
}

/** The list is read once for all transfers of a task in this process. */
async function listOnce({ source, memory, signal }: Walk): Promise<ReadonlySet<string>> {
  const known = memory.digestTags.get(source.name);
  const read = () => readDigestTags(source, signal);
  // The other's failure is not ours: its request may have been cut.
  const reading = known ? known.catch(read) : read();
  memory.digestTags.set(source.name, reading);
  return reading;
}

async function readDigestTags(source: Repository, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  await step({ operation: "list-tags", side: "source" }, async () => {
    for await (const page of source.tags({ signal })) {
      for (const tag of page.filter(isDigestTag)) {
        names.add(tag);
      }
    }
  });
  return names;
}
