import { notChosenFor } from "../pattern/tag-choice.ts";
import { newestNames } from "../pattern/version-order.ts";
import { isDigestTag, isTag } from "../registry/reference.ts";
import type { Repository } from "../registry/repository.ts";
import { step } from "./errors.ts";
import { type Likeness, nearestOf } from "./nearest-name.ts";
import type { Selection } from "./selection.ts";

/** A repository whose tags are kept in several stores, such as charts in a chart repository beside its registry. */
export interface Stored {
  /** The newest are counted in each of them, as a task reads them: apart. */
  readonly parts?: readonly Pick<Repository, "tags">[];
}

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
  repository: Repository & Stored,
  selection: Selection,
  signal: AbortSignal,
): Promise<SelectedTags> {
  const { only, newest } = selection;
  const told = only?.filter((item) => item.repository === repository.name).map(({ tag }) => tag);
  if (told && (newest === undefined || told.length === 0)) {
    return { listed: told.length, wanted: told, digestTags: null };
  }
  const lists: TagList[] = [];
  for (const part of repository.parts ?? [repository]) {
    lists.push(await listTags(part, signal));
  }
  const listed = [...new Set(lists.flatMap((list) => list.listed))].sort();
  const digestTags = lists.flatMap((list) => list.digestTags);
  const meant = listed.filter((tag) => notChosenFor(selection, tag) === null);
  if (told && newest !== undefined) {
    // A list may lag behind the push that told of a tag.
    const chosen = new Set(newestNames([...new Set([...meant, ...told])], newest));
    return { listed: told.length, wanted: told.filter((tag) => chosen.has(tag)), digestTags };
  }
  const wanted = newest === undefined ? meant : newestOfEach(lists, new Set(meant), newest);
  return wanted.length > 0 || listed.some((tag) => selection.tag.matches(tag))
    ? { listed: listed.length, wanted, digestTags }
    : { listed: listed.length, wanted, digestTags, nearest: nearestOf(listed, selection.tag.source) };
}

function newestOfEach(lists: readonly TagList[], meant: ReadonlySet<string>, newest: number): string[] {
  const chosen = lists.flatMap(({ listed }) =>
    newestNames(
      listed.filter((tag) => meant.has(tag)),
      newest,
    ),
  );
  return [...new Set(chosen)].sort();
}

interface TagList {
  listed: string[];
  digestTags: string[];
}

/** Tags of users, sorted, and the others. */
async function listTags(repository: Pick<Repository, "tags">, signal: AbortSignal): Promise<TagList> {
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
