import { type TaskScope, type TaskTag, WHOLE_RULE } from "../schemas/task.ts";

/**
 * What two triggers together ask for: the whole rule beats single tags, and a tag counts once. A tag is known since the first
 * event that told of it, and a target is passed over only if both pass it over.
 */
export function uniteScopes(first: TaskScope, second: TaskScope): TaskScope {
  const tags = uniteTags([...tagsOf(first), ...tagsOf(second)]);
  if (first.kind === "tags" && second.kind === "tags") {
    return { kind: "tags", tags };
  }
  const told = tags.flatMap(({ except: _, ...tag }) => (tag.since === undefined ? [] : [tag]));
  return told.length > 0 ? { kind: "rule", told } : WHOLE_RULE;
}

/** The tags that a scope names. */
export function tagsOf(scope: TaskScope): TaskTag[] {
  return scope.kind === "tags" ? scope.tags : (scope.told ?? []);
}

/** A tag of a repository, as a key. */
export const tagKey = ({ repository, tag }: { repository: string; tag: string }): string =>
  `${repository}:${tag}`;

/** Each tag once. */
export function uniteTags(tags: readonly TaskTag[]): TaskTag[] {
  const united = new Map<string, TaskTag>();
  for (const tag of tags) {
    const before = united.get(tagKey(tag));
    united.set(tagKey(tag), before ? unite(before, tag) : tag);
  }
  return [...united.values()];
}

function unite(first: TaskTag, second: TaskTag): TaskTag {
  const { repository, tag } = first;
  const [since] = [first.since, second.since].filter((at) => at !== undefined).sort();
  const except = first.except?.filter((id) => second.except?.includes(id));
  return {
    repository,
    tag,
    ...(since === undefined ? {} : { since }),
    ...(except && except.length > 0 ? { except } : {}),
  };
}
