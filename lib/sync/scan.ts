import type { Registry, Repository } from "../registry/repository.ts";
import { copyErrorOf } from "./errors.ts";
import type { Lookahead } from "./lookahead.ts";
import { type Names, readingOf, readTags, type TagReading } from "./read-tags.ts";
import type { RememberedNames } from "./remembered-names.ts";
import type { ScannedRepository } from "./scanned.ts";
import { namePages, selectsRepository } from "./selected-names.ts";
import { selectTags } from "./selected-tags.ts";
import type { Selection } from "./selection.ts";
import { type Turn, Turns } from "./turns.ts";

export interface ScanOptions {
  signal: AbortSignal;
  /** Goes on behind this repository. */
  after?: string | undefined;
  /** Ends after so many repositories. */
  limit?: number | undefined;
  /** Told of repositories and tags before the source is asked about them; not where the type decides besides. */
  ahead?: Lookahead | undefined;
  /** What tags most likely name. */
  remembered?: RememberedNames | undefined;
  /**
   * For whoever copies what is found as it is found: a repository of many tags comes in parts, so that neither memory nor the first
   * copy waits for the last tag, and each tag says when it was seen.
   */
  streaming?: boolean | undefined;
}

/** Repositories read ahead of the consumer: on a far link, four of them keep one worker busy and not two. */
const READ_AHEAD = 12;
/** Tags of a repository that come together; one part more is read ahead. */
const PART_TAGS = 64;

/**
 * Reads what a selection means now: every repository of the namespace in the order of its name, each with the tags that
 * match and what they name. A repository without a match comes too, so that counters move. One that cannot be read
 * comes with its error, and the scan goes on.
 *
 * Digest tags (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) are no tags of a user (T5) and never selected: they follow their
 * subject. Image or chart is decided by the type of the config (T41); an index counts as an image; type `all` asks
 * nothing.
 *
 * @throws {CopyError} when the registry cannot list its repositories. Where the expression is nothing but names
 *   (`app`, `web|api`), no list is asked for.
 */
export async function* scan(
  source: Registry,
  selection: Selection,
  { after, limit = Number.POSITIVE_INFINITY, ...options }: ScanOptions,
): AsyncGenerator<ScannedRepository> {
  const names = (await repositoryNames(source, selection, options.signal)).filter(
    (name) => after === undefined || name > after,
  );
  const selected = names.slice(0, Math.min(limit, names.length));
  const ahead: Promise<Parts>[] = [];
  const turns = new Turns();
  try {
    for (let index = 0; index < selected.length; index += 1) {
      for (const name of selected.slice(index + ahead.length, index + READ_AHEAD)) {
        const turn = turns.next();
        const reading = scanRepository(source.repository(name), selection, { ...options, turn });
        // It is awaited in its turn; until then a failure is nobody's unhandled rejection.
        reading.finally(turn.pass).catch(() => {});
        ahead.push(reading);
      }
      yield* wholeWhereOne((await ahead.shift()) ?? []);
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

async function repositoryNames(
  source: Registry,
  selection: Selection,
  signal: AbortSignal,
): Promise<string[]> {
  const names = new Set<string>();
  for await (const page of namePages(source, selection, signal)) {
    for (const name of page) {
      names.add(name);
    }
  }
  return [...names].sort();
}

type Parts = readonly ScannedRepository[] | AsyncIterable<ScannedRepository>;

function wholeWhereOne(parts: Parts): Parts {
  const [only, ...others] = "length" in parts ? parts : [];
  return only && others.length === 0 ? [{ ...only, whole: true }] : parts;
}

async function scanRepository(
  repository: Repository,
  selection: Selection,
  { signal, ahead: told, remembered, streaming = false, turn }: ScanOptions & { turn: Turn },
): Promise<Parts> {
  const { name } = repository;
  if (!selectsRepository(selection, name)) {
    return [{ repository: name, tagsListed: 0, tags: [] }];
  }
  const ahead = selection.resourceType === "all" ? told : undefined;
  try {
    ahead?.coming(name);
    const names = await selectTags(repository, selection, signal);
    if (names.wanted.length === 0) {
      const { listed: tagsListed, nearest: nearestTag } = names;
      return [{ repository: name, tagsListed, tags: [], ...(nearestTag ? { nearestTag } : {}) }];
    }
    ahead?.wanted(name, names.wanted);
    if (!streaming) {
      await ahead?.lacks(name, names.wanted[0] ?? "");
      await turn.come();
    }
    const reading = { ...readingOf(selection, signal), ahead, remembered, dated: streaming };
    // Which signatures are nobody's is known when all tags are.
    const inParts = streaming && names.wanted.length > PART_TAGS && !names.digestTags?.length;
    return inParts ? partsOf(repository, names, reading) : await readTags(repository, names, reading);
  } catch (error) {
    return [{ repository: name, error: copyErrorOf(error) }];
  }
}

/** What the wanted tags name now, those of the wanted type; and the first error, where one cannot be read. */
export function scanTags(
  repository: Repository,
  names: Names,
  selection: Selection,
  signal: AbortSignal,
): Promise<ScannedRepository[]> {
  return readTags(repository, names, readingOf(selection, signal));
}

/** Begins with the first part at once, and with each other one when the one before it is taken. */
function partsOf(
  repository: Repository,
  names: Names,
  reading: TagReading,
): AsyncIterable<ScannedRepository> {
  const read = (from: number) => {
    const wanted = names.wanted.slice(from, from + PART_TAGS);
    const part = readTags(repository, { ...names, listed: from === 0 ? names.listed : 0, wanted }, reading);
    // It is awaited in its turn.
    part.catch(() => {});
    return part;
  };
  const first = read(0);
  return (async function* () {
    let next = first;
    for (let from = PART_TAGS; ; from += PART_TAGS) {
      const part = await next;
      const last = from >= names.wanted.length;
      next = last ? next : read(from);
      yield* from === PART_TAGS
        ? part
        : part.map((more) => (more.error ? more : { ...more, goesOn: true as const }));
      if (last) {
        return;
      }
    }
  })();
}
