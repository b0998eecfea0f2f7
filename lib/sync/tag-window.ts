import type { Repository, RequestOptions } from "../registry/repository.ts";

/** A window of a list is worth so many pages. */
const MOST_PAGES = 4;
/** Tags that begin a window: those of them that it names show that it is what it was asked for. */
const PROVING_TAGS = 256;
/** Fewer prove nothing of its order. */
const LEAST_PROOF = 16;

/** What a list of tags tells of. */
export interface TagWindow {
  /** Whether the list would name this tag if it were there. */
  covers(tag: string): boolean;
  readonly names: ReadonlySet<string>;
}

/** Why there is none: the list is longer than it is worth, or what came is not what was asked for. */
export type NoWindow = "too-long" | "unproven";

/** Every tag. @param written tags that have to be among them */
export async function wholeList(
  repository: Pick<Repository, "tags">,
  written: ReadonlySet<string>,
  { signal }: RequestOptions,
): Promise<TagWindow | NoWindow> {
  const { names, complete } = await read(repository, { signal });
  if (!complete) {
    return "too-long";
  }
  const listed = new Set(names);
  return [...written].every((tag) => listed.has(tag)) ? { names: listed, covers: () => true } : "unproven";
}

/** Whether so many tags tell whether a window is what it seems to be. */
export function canProve(written: ReadonlySet<string>): boolean {
  return written.size > LEAST_PROOF;
}

/**
 * The part of a long list that begins with the last tags that were written: whoever writes in the order of names needs no more.
 * It counts where it is in that order (OCI distribution-spec v1.1.1, "Listing Tags": lexical), whether capitals count or not, and
 * names every tag that was written in its range. A registry that orders its tags by anything else, such as when they were pushed,
 * and pages through that, names them as they were written: by several at once, and so in another order than this.
 */
export async function windowOf(
  repository: Pick<Repository, "tags">,
  written: ReadonlySet<string>,
  { signal }: RequestOptions,
): Promise<TagWindow | NoWindow> {
  const last = [...written].sort().slice(-PROVING_TAGS - 1);
  const [after, ...proving] = last;
  if (after === undefined) {
    return "unproven";
  }
  const { names, complete } = await read(repository, { signal, after });
  const end = complete ? undefined : names.at(-1);
  const covers = (tag: string) => isBehind(tag, after) && (end === undefined || isBehind(end, tag));
  const ordered = names.every((name, place) => name > (names[place - 1] ?? after));
  const listed = new Set(names);
  const covered = proving.filter(covers);
  return ordered && covered.length >= LEAST_PROOF && covered.every((tag) => listed.has(tag))
    ? { names: listed, covers }
    : "unproven";
}

/** In any lexical order. */
function isBehind(tag: string, before: string): boolean {
  return tag > before && tag.toLowerCase() > before.toLowerCase();
}

async function read(
  repository: Pick<Repository, "tags">,
  options: RequestOptions & { after?: string },
): Promise<{ names: string[]; complete: boolean }> {
  const names: string[] = [];
  let pages = 0;
  for await (const page of repository.tags(options)) {
    pages += 1;
    if (pages > MOST_PAGES) {
      return { names, complete: false };
    }
    names.push(...page);
  }
  return { names, complete: true };
}
