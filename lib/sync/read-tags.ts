import type { Descriptor } from "../registry/descriptor.ts";
import type { Repository } from "../registry/repository.ts";
import { Aliases, type Named, spread } from "./aliases.ts";
import { copyErrorOf, step } from "./errors.ts";
import { kindOf } from "./kind-of.ts";
import { forEachLimited } from "./limit.ts";
import { type Lookahead, nameOf } from "./lookahead.ts";
import { digestTagsOf } from "./referrers/digest-tags-of.ts";
import type { RememberedNames } from "./remembered-names.ts";
import type { ScannedRepository, ScannedTag } from "./scanned.ts";
import type { SelectedTags } from "./selected-tags.ts";
import type { Selection } from "./selection.ts";

/** Tags resolved at once in a repository; requests are limited in the transport besides. */
const TAGS_AT_ONCE = 16;
/** Of many tags few are asked for first, each of which helps to guess those beside it; then so many at once that all take no longer. */
const APART = 8;
const REST_AT_ONCE = 24;

export type Names = Pick<SelectedTags, "listed" | "wanted" | "digestTags">;

export interface TagReading {
  readonly selection: Selection;
  readonly signal: AbortSignal;
  readonly ahead: Lookahead | undefined;
  /** By digest, of what was looked into. */
  readonly kinds: Map<string, Promise<string>>;
  readonly aliases: Aliases;
  readonly remembered?: RememberedNames | undefined;
  /** Whether each tag says when it was seen. */
  readonly dated: boolean;
}

export function readingOf(selection: Selection, signal: AbortSignal): TagReading {
  return { selection, signal, ahead: undefined, kinds: new Map(), aliases: new Aliases(), dated: false };
}

/** What tags name now, those of the wanted type; and the first error, where one cannot be read. */
export async function readTags(
  repository: Repository,
  { listed, wanted, digestTags }: Names,
  reading: TagReading,
): Promise<ScannedRepository[]> {
  const errors: unknown[] = [];
  const resolved = new Array<ScannedTag | null>(wanted.length).fill(null);
  // Fewer are all asked for at once, before anything is known that another could name as well.
  const aliases = wanted.length > TAGS_AT_ONCE ? reading.aliases : undefined;
  const read = async (place: number): Promise<void> => {
    const tag = wanted[place] ?? "";
    const seenAtMs = performance.now();
    try {
      const named = await step({ operation: "resolve-tag", side: "source" }, () =>
        namedAt(place, tag, { ...reading, repository, aliases }),
      );
      if (named && (await isWanted(named.descriptor, repository, reading))) {
        const { digest, mediaType, size } = named.descriptor;
        resolved[place] = { tag, digest, mediaType, size, ...(reading.dated ? { seenAtMs } : {}) };
      }
    } catch (error) {
      errors.push(error);
    }
  };
  if (aliases) {
    const places = [...spread(wanted.length)];
    await forEachLimited(places.splice(0, Math.ceil(wanted.length / APART)), TAGS_AT_ONCE, read);
    await forEachLimited(places, REST_AT_ONCE, read);
  } else {
    await forEachLimited(wanted.keys(), TAGS_AT_ONCE, read);
  }
  aliases?.turn(wanted.length);
  reading.signal.throwIfAborted();
  const found = resolved.filter((tag) => tag !== null);
  const digestTagsFor = digestTagsOf(digestTags, found);
  const tags = found.map((tag) => ({ ...tag, digestTags: digestTagsFor(tag) }));
  const scanned: ScannedRepository[] = [{ repository: repository.name, tagsListed: listed, tags }];
  // One tag that cannot be read does not take the others of its repository with it.
  return errors.length > 0
    ? [...scanned, { repository: repository.name, error: copyErrorOf(errors[0]) }]
    : scanned;
}

interface Asking extends Pick<TagReading, "ahead" | "signal" | "remembered"> {
  readonly repository: Repository;
  readonly aliases: Aliases | undefined;
}

async function namedAt(place: number, tag: string, asking: Asking): Promise<Named | null> {
  const { repository, aliases, ahead, remembered, signal } = asking;
  // What it named itself is the better guess.
  const guess = remembered?.of(repository.name, tag) ? undefined : aliases?.guess(place);
  const named = await nameOf(repository, tag, { ahead, remembered, signal, guess });
  const counts = !aliases || aliases.heard(place, named, guess);
  return counts ? named : nameOf(repository, tag, { ahead, signal });
}

/** Whether it is of the wanted type; of each digest that is looked into once. */
async function isWanted(
  named: Descriptor,
  repository: Repository,
  { selection: { resourceType }, kinds, signal }: TagReading,
): Promise<boolean> {
  if (resourceType === "all") {
    return true;
  }
  const kind = kinds.get(named.digest) ?? kindOf(repository, named, signal);
  kinds.set(named.digest, kind);
  return (await kind) === resourceType;
}
