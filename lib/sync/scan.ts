import type { Descriptor } from "../registry/descriptor.ts";
import { ContentError } from "../registry/errors.ts";
import { isIndex } from "../registry/media-types.ts";
import type { Registry, Repository } from "../registry/repository.ts";
import { resourceKindOf } from "../registry/successors.ts";
import type { DigestTagList } from "../schemas/referrers.ts";
import { CopyError, step } from "./errors.ts";
import { mapLimited } from "./limit.ts";
import type { Likeness } from "./nearest-name.ts";
import { digestTagsOf } from "./referrers/digest-tags-of.ts";
import { namePages, selectsRepository } from "./selected-names.ts";
import { type SelectedTags, selectTags } from "./selected-tags.ts";
import type { Selection } from "./selection.ts";

export interface ScannedTag {
  tag: string;
  digest: string;
  mediaType: string;
  /** Bytes of the manifest. */
  size: number;
  /** Signatures and the like that the list of tags tells of; null or left out: none was read. */
  digestTags?: DigestTagList | null;
  /** Where an end keeps charts apart: found there. See stores.ts. */
  store?: "charts" | undefined;
}

/** A repository of the namespace after it was read; or, after what could be read of it, why the rest could not. */
export type ScannedRepository =
  | {
      repository: string;
      tagsListed: number;
      tags: ScannedTag[];
      /** Where the tag expression matches none of its tags: the one that is most like it. */
      nearestTag?: Likeness | undefined;
      error?: undefined;
    }
  | { repository: string; error: CopyError };

export interface ScanOptions {
  signal: AbortSignal;
  /** Goes on behind this repository. */
  after?: string | undefined;
  /** Ends after so many repositories. */
  limit?: number | undefined;
  /** Told the tags of a repository that will come, before it is asked what they name; not where the type decides besides. */
  onWanted?: ((repository: string, tags: readonly string[]) => void) | undefined;
}

/** Repositories read ahead of the consumer. */
const READ_AHEAD = 4;
/** Tags resolved at once in a repository; requests are limited in the transport besides. */
const TAGS_AT_ONCE = 16;

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
  { signal, after, limit = Number.POSITIVE_INFINITY, onWanted }: ScanOptions,
): AsyncGenerator<ScannedRepository> {
  const names = (await repositoryNames(source, selection, signal)).filter(
    (name) => after === undefined || name > after,
  );
  const selected = names.slice(0, Math.min(limit, names.length));
  const ahead: Promise<ScannedRepository[]>[] = [];
  try {
    for (let index = 0; index < selected.length; index += 1) {
      for (const name of selected.slice(index + ahead.length, index + READ_AHEAD)) {
        const reading = scanRepository(source.repository(name), selection, { signal, onWanted });
        // It is awaited in its turn; until then a failure is nobody's unhandled rejection.
        reading.catch(() => {});
        ahead.push(reading);
      }
      yield* (await ahead.shift()) ?? [];
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}

/**
 * The first components of the repositories' names, sorted; '' when some repository has no slash.
 * @throws {CopyError} when the registry cannot list
 */
export async function listNamespaces(
  registry: Registry,
  { signal, limit = 1_000 }: { signal: AbortSignal; limit?: number | undefined },
): Promise<string[]> {
  const namespaces = new Set<string>();
  await step({ operation: "list-repositories", side: "source" }, async () => {
    for await (const page of registry.repositories({ signal })) {
      for (const name of page) {
        namespaces.add(name.includes("/") ? name.slice(0, name.indexOf("/")) : "");
      }
      if (namespaces.size >= limit) {
        return;
      }
    }
  });
  return [...namespaces].sort().slice(0, limit);
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

async function scanRepository(
  repository: Repository,
  selection: Selection,
  { signal, onWanted }: ScanOptions,
): Promise<ScannedRepository[]> {
  const { name } = repository;
  if (!selectsRepository(selection, name)) {
    return [{ repository: name, tagsListed: 0, tags: [] }];
  }
  try {
    const names = await selectTags(repository, selection, signal);
    if (names.wanted.length === 0) {
      const { listed: tagsListed, nearest: nearestTag } = names;
      return [{ repository: name, tagsListed, tags: [], ...(nearestTag ? { nearestTag } : {}) }];
    }
    if (selection.resourceType === "all") {
      onWanted?.(name, names.wanted);
    }
    return await scanTags(repository, names, selection, signal);
  } catch (error) {
    return [{ repository: name, error: copyErrorOf(error) }];
  }
}

/** What the wanted tags name now, those of the wanted type; and the first error, where one cannot be read. */
export async function scanTags(
  repository: Repository,
  { listed, wanted, digestTags }: Pick<SelectedTags, "listed" | "wanted" | "digestTags">,
  { resourceType }: Selection,
  signal: AbortSignal,
): Promise<ScannedRepository[]> {
  const kinds = new Map<string, Promise<string>>();
  const errors: unknown[] = [];
  const resolved = await mapLimited(wanted, TAGS_AT_ONCE, async (tag) => {
    try {
      const named = await step({ operation: "resolve-tag", side: "source" }, () =>
        repository.resolve(tag, { signal }),
      );
      if (!named) {
        return null;
      }
      const { digest, mediaType, size } = named;
      if (resourceType !== "all") {
        const kind = kinds.get(digest) ?? kindOf(repository, named, signal);
        kinds.set(digest, kind);
        if ((await kind) !== resourceType) {
          return null;
        }
      }
      return { tag, digest, mediaType, size };
    } catch (error) {
      errors.push(error);
      return null;
    }
  });
  signal.throwIfAborted();
  const found = resolved.filter((tag) => tag !== null);
  const digestTagsFor = digestTagsOf(digestTags, found);
  const tags = found.map((tag) => ({ ...tag, digestTags: digestTagsFor(tag) }));
  const scanned: ScannedRepository[] = [{ repository: repository.name, tagsListed: listed, tags }];
  // One tag that cannot be read does not take the others of its repository with it.
  return errors.length > 0
    ? [...scanned, { repository: repository.name, error: copyErrorOf(errors[0]) }]
    : scanned;
}

async function kindOf(
  repository: Repository,
  { digest, mediaType }: Descriptor,
  signal: AbortSignal,
): Promise<string> {
  if (isIndex(mediaType)) {
    return "image";
  }
  return step({ operation: "fetch-manifest", side: "source", digest }, async () => {
    const manifest = await repository.fetchManifest(digest, { signal });
    try {
      return resourceKindOf(manifest);
    } catch (error) {
      if (error instanceof ContentError) {
        // Whatever it is, it is no chart. The copy says what is wrong with it.
        return "image";
      }
      throw error;
    }
  });
}

function copyErrorOf(error: unknown): CopyError {
  if (error instanceof CopyError) {
    return error;
  }
  throw error;
}
