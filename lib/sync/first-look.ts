import type { Descriptor } from "../registry/descriptor.ts";
import type { Repository, RequestOptions } from "../registry/repository.ts";
import { AbsenceList, isFresh } from "./last-look.ts";
import type { LikelyNames, NamedContent } from "./likely-names.ts";
import { withPatience } from "./patience.ts";
import { shortList } from "./short-list.ts";

/** So long others wait for the first answer. Where answers take longer, waiting would cost more than the questions that it spares. */
const PATIENCE_MS = 40;
/** Tags of a repository that are asked for before they are needed. */
const MOST_AHEAD = 64;

interface Looked<Answer = Descriptor> {
  /** By the clock of `performance`. */
  readonly askedAtMs: number;
  readonly answer: Promise<Answer | null>;
}

interface Asking extends RequestOptions {
  /** What the tag most likely names there, where it is there: what it names at the source. */
  readonly likely?: NamedContent | undefined;
}

interface AskingAhead extends RequestOptions {
  readonly likely?: (tag: string) => Descriptor | undefined;
}

export type Asked = Pick<Repository, "name" | "resolve" | "tags">;

/** What the repositories of a target were found to be so far: the next one is most likely the same. */
export type Expectation = "unknown" | "empty" | "standing";

/** Of the target, from its other repositories. */
interface KnownBefore {
  readonly expectation: Expectation;
  readonly likelyNames: LikelyNames;
  readonly onFound: (found: Expectation) => void;
}

/**
 * One repository. The first tag is asked for; if it is not there, most likely none is, so the repository is listed once and nobody
 * asks for what the list does not name. After an empty repository the next one is listed straight away, after one where the tag
 * stood nobody waits for the first answer.
 */
export class FirstLook {
  readonly #repository: Asked;
  #expectation: Expectation;
  readonly #onFound: (found: Expectation) => void;
  readonly #likelyNames: LikelyNames;
  #first: Promise<void> | undefined;
  /** That was the answer: nobody waits any more. */
  #answered = false;
  #names: ReadonlySet<string> | undefined;
  /** What was asked beside a list that was asked for early. */
  #looked: Map<string, Looked> | undefined;
  readonly #ahead = new Map<string, Promise<NamedContent | null>>();
  #foreseen: (Looked<NamedContent> & { readonly tag: string }) | undefined;
  readonly #absent: AbsenceList;

  constructor(repository: Asked, { expectation, likelyNames, onFound }: KnownBefore) {
    this.#repository = repository;
    this.#absent = new AbsenceList(repository);
    this.#expectation = expectation;
    this.#likelyNames = likelyNames;
    this.#onFound = onFound;
  }

  /** It was listed, and no tag was there. */
  get empty(): boolean {
    return this.#names?.size === 0;
  }

  /** It is far away: one question should not wait for the answer to another, where both may be asked. */
  get distant(): boolean {
    return this.#looked !== undefined;
  }

  /**
   * For a target that is far away: it is listed before the source has told its tags. What `ahead` asks after that for each tag is not
   * needed to know what is absent, but is the last look where the tag is written within a second.
   */
  listEarly(options: RequestOptions): void {
    if (!this.#first) {
      this.#looked = new Map();
      this.#expectation = "empty";
      this.#begin(this.#list(options));
    }
  }

  /** Begins to look at tags that will be asked for: the source is still being asked what they name. */
  ahead(tags: readonly string[], { likely, ...options }: AskingAhead): void {
    for (const tag of tags.slice(0, MOST_AHEAD)) {
      const asking = { ...options, likely: likely?.(tag) };
      const asked = this.#looked ? this.#look(tag, this.#looked, asking) : this.#ask(tag, asking);
      // Its failure is told to whoever wants to know.
      asked.catch(() => undefined);
      this.#ahead.set(tag, asked);
    }
  }

  /**
   * For whoever plans long before anything is copied: has it found out what `lacks` tells. Who copies at once has the answer; everybody
   * else asks again. Settles when it is known; never fails.
   * @param tag the first one that is wanted
   */
  async foresee(tag: string, options: RequestOptions): Promise<void> {
    if (!this.#first && this.#expectation !== "standing") {
      const askedAtMs = performance.now();
      const answer = this.#ask(tag, options);
      this.#foreseen = { tag, askedAtMs, answer };
      await answer.catch(() => undefined);
      await this.#first;
    }
  }

  /**
   * The same where the target is far away, or may be: it is listed while the source still tells its tags. Not after a repository where
   * something stood, since such lists would tell of no tag that is absent.
   */
  async foreseeAll(options: RequestOptions): Promise<void> {
    if (!this.#first && this.#expectation !== "standing") {
      this.#expectation = "empty";
      this.#begin(this.#list(options, "standing"));
      await this.#first;
    }
  }

  /** Another process of ours has just listed it, and found nothing. */
  hearEmpty(): void {
    if (!this.#first) {
      this.#names = new Set();
      this.#answered = true;
      this.#first = Promise.resolve();
    }
  }

  /** @throws what `Repository.resolve` throws */
  resolve(tag: string, options: Asking): Promise<NamedContent | null> {
    const foreseen = this.#foreseen;
    if (foreseen?.tag === tag) {
      this.#foreseen = undefined;
      if (isFresh(foreseen.askedAtMs)) {
        // Whoever asked may have given up meanwhile.
        return foreseen.answer.catch(() => this.#ask(tag, options));
      }
    }
    const asked = this.#ahead.get(tag) ?? this.#ask(tag, options);
    this.#ahead.delete(tag);
    return asked;
  }

  /**
   * Whether a list says that the tag is not there. Where one is most likely on its way it is waited for, but not for long. Whatever the
   * answer, nothing is asked for.
   */
  async lacks(tag: string): Promise<boolean> {
    if (this.#first && !this.#answered && this.#expectation === "empty") {
      await withPatience(this.#first, PATIENCE_MS);
    }
    return this.#lacks(tag);
  }

  /** What a tag names immediately before it is written. @throws what `Repository.resolve` throws */
  async last(tag: string, options: RequestOptions): Promise<Descriptor | null> {
    const looked = this.#looked?.get(tag);
    this.#looked?.delete(tag);
    const named = await looked?.answer.catch(() => undefined);
    if (named !== undefined && isFresh(looked?.askedAtMs)) {
      return named;
    }
    return (await this.#absent.lacks(tag, options)) ? null : this.#repository.resolve(tag, options);
  }

  /** We wrote this tag. */
  wrote(tag: string): void {
    this.#absent.wrote(tag);
  }

  async #ask(tag: string, options: Asking): Promise<NamedContent | null> {
    if (!this.#first && this.#expectation !== "empty") {
      const asked = this.#likelyNames.ask(this.#repository, tag, options);
      this.#begin(this.#hear(asked, options));
      return asked;
    }
    if (!this.#first) {
      this.#begin(this.#list(options));
    }
    if (!this.#answered) {
      await this.#firstAnswer();
    }
    return this.#lacks(tag) ? null : this.#likelyNames.ask(this.#repository, tag, options);
  }

  /** @param first never fails */
  #begin(first: Promise<void>): void {
    this.#first = first.then(() => {
      this.#answered = true;
    });
  }

  /** Asks for the tag while the list is on its way. */
  async #look(
    tag: string,
    looked: Map<string, Looked>,
    options: RequestOptions & { likely: Descriptor | undefined },
  ): Promise<Descriptor | null> {
    const askedAtMs = performance.now();
    const answer = this.#likelyNames.ask(this.#repository, tag, options);
    answer.catch(() => undefined);
    looked.set(tag, { askedAtMs, answer });
    // Whichever comes first: the list tells of absent tags alone.
    const listed = this.#first?.then(() => (this.#lacks(tag) ? null : answer));
    return Promise.race([answer, listed ?? answer]);
  }

  #lacks(tag: string): boolean {
    return this.#names !== undefined && !this.#names.has(tag);
  }

  async #hear(asked: Promise<NamedContent | null>, options: RequestOptions): Promise<void> {
    let named: NamedContent | null;
    try {
      named = await asked;
    } catch {
      // It is told to whoever asked.
      return;
    }
    if (named) {
      this.#onFound("standing");
    } else {
      await this.#list(options);
    }
  }

  /** @param otherwise what is expected of the next repository, unless this one is empty */
  async #list(options: RequestOptions, otherwise: Expectation = "unknown"): Promise<void> {
    this.#names = await shortList(this.#repository, options);
    this.#onFound(this.#names?.size === 0 ? "empty" : otherwise);
  }

  async #firstAnswer(): Promise<void> {
    if (this.#expectation === "empty") {
      await this.#first;
    } else if (this.#first && this.#expectation === "unknown") {
      await withPatience(this.#first, PATIENCE_MS);
    }
  }
}
