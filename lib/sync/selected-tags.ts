import { notChosenFor } from "../pattern/tag-choice.ts";
import { newestNames } from "../pattern/version-order.ts";
import { isDigestTag, isTag } from "../registry/reference.ts";
import type { Repository } from "../registry/repository.ts";
import { step } from "./errors.ts";
import { type Likeness, nearestOf } from "./nearest-name.ts";
import type { Selection } from "./selection.ts";

/** Tags of a repository by name. */
export interface SelectedTags {
  listed: number;
  /** Sorted. */
  wanted: string[];
  /** Where the tag expression matches none of them: the one that is most like it. */
  nearest?: Likeness | undefined;
  /** Those that belong to a manifest (T5); null: no list was read. */
  digestTags: string[] | null;
}

/**
 * Which tags of a repository a selection means by their names, in this order: the expression, what is excluded, the range, the
 * newest of what is left. Only then is the type asked for, which costs requests.
 * @throws {CopyError} when the registry cannot list its tags
 */
export async function selectTags(
  repository: Repository,
  selection: Selection,
  signal: AbortSignal,
): Promise<SelectedTags> {
  const { only, newest } = selection;
  const told = only?.filter((item) => item.repository === repository.name).map(({ tag }) => tag);
  if (told && (newest === undefined || told.length === 0)) {
    return { listed: told.length, wanted: told, digestTags: null };
  }
  const { listed, digestTags } = await listTags(repository, signal);
  const meant = listed.filter((tag) => notChosenFor(selection, tag) === null);
  if (told && newest !== undefined) {
    // A list may lag behind the push that told of a tag.
    const chosen = new Set(newestNames([...new Set([...meant, ...told])], newest));
    return { listed: told.length, wanted: told.filter((tag) => chosen.has(tag)), digestTags };
  }
  const wanted = newest === undefined ? meant : newestNames(meant, newest).sort();
  return wanted.length > 0 || listed.some((tag) => selection.tag.matches(tag))
    ? { listed: listed.length, wanted, digestTags }
    : { listed: listed.length, wanted, digestTags, nearest: nearestOf(listed, selection.tag.source) };
}

/** Tags of users, sorted, and the others. */
async function listTags(
  repository: Repository,
  signal: AbortSignal,
): Promise<{ listed: string[]; digestTags: string[] }> {
  const tags = new Set<string>();
  const digestTags = new Set<string>();
  await step({ operation: "list-tags", side: "source" }, async () => {
    for await (const page of repository.tags({ signal })) {
      for (const tag of page) {
        if (isTag(tag)) {
          (isDigestTag(tag) ? digestTags : tags).add(tag);
        }
      }
    }
  });
  return { listed: [...tags].sort(), digestTags: [...digestTags] };
}
