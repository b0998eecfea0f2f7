import type { Descriptor } from "../../registry/descriptor.ts";
import { isIndex } from "../../registry/media-types.ts";
import type { Repository } from "../../registry/repository.ts";
import { successors } from "../../registry/successors.ts";
import { step } from "../errors.ts";
import { mapLimited } from "../limit.ts";

/** What else at the target needs a manifest. */
export interface Sharing {
  /** Other tags that name it. */
  tags: string[];
  /** An index that some other tag names holds it, as a platform of an image does. Not looked for where a tag does. */
  byDigest: boolean;
}

/** Tags of a repository that are asked about at most: each costs a request. */
export const SHARING_LIMIT = 5_000;
const AT_ONCE = 16;
/** Indexes inside of indexes that are looked into. */
const DEPTH = 4;
/** Where there are no more tags, all are asked once more immediately before a digest is deleted. */
const FEW_TAGS = 64;
/** What a tag names is believed for so long: as long as asking all of them takes at a slow registry. */
const BELIEVED_MS = 15_000;

interface Named {
  found: Descriptor | null;
  askedAtMs: number;
}

interface Asking {
  names: ReadonlySet<string>;
  /** How long an answer counts. */
  believedMs: number;
  signal: AbortSignal;
}

/**
 * What the tags of one repository of a target name. Whoever deletes several of its tags one after the other asks each other tag
 * once in a while and not once a deletion: the list is read anew each time, so that a tag that came since is asked, and an
 * index, which never changes, is looked into once.
 */
export class SharedDigests {
  readonly #target: Repository;
  readonly #nowMs: () => number;
  #named = new Map<string, Named>();
  readonly #children = new Map<string, Promise<Descriptor[]>>();

  constructor(target: Repository, nowMs: () => number = () => performance.now()) {
    this.#target = target;
    this.#nowMs = nowMs;
  }

  /**
   * What needs the digest beside this tag.
   * @returns null when the repository has more than {@link SHARING_LIMIT} tags
   * @throws {CopyError}
   */
  async of(placed: { tag: string; digest: string }, signal: AbortSignal): Promise<Sharing | null> {
    const names = await this.#list(signal);
    return names && this.#needing(placed, { names, believedMs: BELIEVED_MS, signal });
  }

  /**
   * The same immediately before the digest is deleted: tags that came since are asked, and where there are few all of them, so that
   * one that was moved to the digest meanwhile is seen.
   * @throws {CopyError}
   */
  async latest(placed: { tag: string; digest: string }, signal: AbortSignal): Promise<Sharing | null> {
    const names = await this.#list(signal);
    const believedMs = names && names.size <= FEW_TAGS ? 0 : Number.POSITIVE_INFINITY;
    return names && this.#needing(placed, { names, believedMs, signal });
  }

  async #needing({ tag, digest }: { tag: string; digest: string }, asking: Asking): Promise<Sharing> {
    const { signal } = asking;
    await this.#ask(asking, tag);
    const others = [...this.#named].flatMap(([name, { found }]) =>
      found && name !== tag ? [{ name, ...found }] : [],
    );
    const tags = others.filter((other) => other.digest === digest).map(({ name }) => name);
    const indexes = new Set(
      others.filter(({ mediaType }) => isIndex(mediaType)).map((other) => other.digest),
    );
    const byDigest = tags.length === 0 && (await this.#holds(indexes, { digest, signal, depth: DEPTH }));
    return { tags, byDigest };
  }

  /**
   * Tags that deleting this one by digest took along, because they were moved to it since they were asked: the list names them
   * no more, they are gone, and what they named before is there still. A tag whose old manifest is gone as well was deleted by somebody else.
   * @throws {CopyError}
   */
  async takenAlong(tag: string, signal: AbortSignal): Promise<string[]> {
    const names = await this.#list(signal);
    const missing = [...this.#named].flatMap(([name, { found }]) =>
      found && name !== tag && !names?.has(name) ? [{ name, digest: found.digest }] : [],
    );
    const taken: string[] = [];
    for (const { name, digest } of names === null ? [] : missing) {
      if (!(await this.#resolve(name, signal)) && (await this.#resolve(digest, signal))) {
        taken.push(name);
      }
    }
    return taken;
  }

  /** @returns null when there are too many */
  #list(signal: AbortSignal): Promise<Set<string> | null> {
    return step({ operation: "list-tags", side: "target" }, async () => {
      const names = new Set<string>();
      for await (const page of this.#target.tags({ signal })) {
        for (const name of page) {
          names.add(name);
        }
        if (names.size > SHARING_LIMIT) {
          return null;
        }
      }
      return names;
    });
  }

  /** Asks what these tags name, all but one, as far as it is not remembered; tags that are listed no more are forgotten. */
  async #ask({ names, believedMs, signal }: Asking, except: string): Promise<void> {
    const oldest = this.#nowMs() - believedMs;
    const known = new Map(
      [...this.#named].filter(([name, { askedAtMs }]) => names.has(name) && askedAtMs > oldest),
    );
    const unknown = [...names].filter((name) => name !== except && !known.has(name));
    const asked = await mapLimited(unknown, AT_ONCE, async (name): Promise<[string, Named]> => {
      const askedAtMs = this.#nowMs();
      return [name, { found: await this.#resolve(name, signal), askedAtMs }];
    });
    this.#named = new Map([...known, ...asked]);
  }

  #resolve(reference: string, signal: AbortSignal): Promise<Descriptor | null> {
    return step({ operation: "resolve-tag", side: "target" }, () =>
      this.#target.resolve(reference, { signal }),
    );
  }

  /** Whether one of these indexes names the digest, however deep. */
  async #holds(
    indexes: ReadonlySet<string>,
    wanted: { digest: string; signal: AbortSignal; depth: number },
  ): Promise<boolean> {
    const { digest, signal, depth } = wanted;
    const children = (
      await mapLimited([...indexes], AT_ONCE, (index) => this.#childrenOf(index, signal))
    ).flat();
    if (children.some((child) => child.digest === digest)) {
      return true;
    }
    const nested = new Set(
      children.filter(({ mediaType }) => isIndex(mediaType)).map((child) => child.digest),
    );
    if (nested.size === 0) {
      return false;
    }
    // Deeper than anybody nests them: taken for a yes, which deletes nothing.
    return depth === 0 || this.#holds(nested, { ...wanted, depth: depth - 1 });
  }

  #childrenOf(index: string, signal: AbortSignal): Promise<Descriptor[]> {
    const known = this.#children.get(index);
    if (known) {
      return known;
    }
    const children = step({ operation: "fetch-manifest", side: "target", digest: index }, async () =>
      successors(await this.#target.fetchManifest(index, { signal })).map(({ mediaType, digest, size }) => ({
        mediaType,
        digest,
        size,
      })),
    );
    this.#children.set(index, children);
    children.catch(() => this.#children.delete(index));
    return children;
  }
}
