import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { isDigestTag } from "../../registry/reference.ts";
import type { Repository } from "../../registry/repository.ts";
import { step } from "../errors.ts";
import type { Walk } from "../walk.ts";

/** What the source has under the digest tags of a manifest. */
export interface TagsOfSubject {
  /** cosign's, those that exist. */
  cosign: string[];
  /** Whether the tag schema's is in the list of tags; undefined: no list was read. */
  tagListed: boolean | undefined;
}

export type DigestTags = (subject: string) => Promise<TagsOfSubject>;

/**
 * Finds the digest tags of manifests of one source repository: in the list that the scan read, which costs nothing, else by
 * asking for them.
 * @param listed all digest tags that any of these manifests may have; null: unknown
 * @param many there are more than a few manifests: then the list is read, which may be long, instead of asking for each tag
 */
export function digestTagsAt(walk: Walk, listed: readonly string[] | null, many: boolean): DigestTags {
  if (listed) {
    return fromList(async () => new Set(listed));
  }
  return many ? fromList(() => listOnce(walk)) : askEach(walk);
}

function fromList(list: () => Promise<ReadonlySet<string>>): DigestTags {
  return async (subject) => {
    const names = await list();
    return {
      cosign: cosignTags(subject).filter((tag) => names.has(tag)),
      tagListed: names.has(referrersTag(subject)),
    };
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
