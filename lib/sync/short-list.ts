import type { Repository, RequestOptions } from "../registry/repository.ts";

/** A list that is longer than a page costs more than it spares. */
const LONGEST = 1_000;

/** Every tag of a repository; undefined where that are too many, or who may push may not list: then each tag is asked for. */
export async function shortList(
  repository: Pick<Repository, "tags">,
  { signal }: RequestOptions,
): Promise<ReadonlySet<string> | undefined> {
  const names = new Set<string>();
  try {
    for await (const page of repository.tags({ signal })) {
      for (const name of page) {
        names.add(name);
      }
      if (names.size >= LONGEST) {
        return undefined;
      }
    }
    return names;
  } catch {
    return undefined;
  }
}
