import type { Repository, RequestOptions } from "../registry/repository.ts";
import { canProve, type TagWindow, wholeList, windowOf } from "./tag-window.ts";

/**
 * So long what this process was told counts as the last look before a write; ms from the moment of the question. Whoever writes to a
 * tag between look and write is overwritten in any case: this much longer is the moment.
 */
const FRESH_MS = 1_000;
/** So many looks within the time that a list counts are dearer than the list; as many as that it spares. */
const WORTH_A_LIST = 16;

/** Whether what was asked then is as good as asked now. @param askedAtMs by the clock of `performance` */
export function isFresh(askedAtMs: number | undefined): boolean {
  return askedAtMs !== undefined && performance.now() - askedAtMs <= FRESH_MS;
}

/** Too little was written for the window of a long list. */
const NOTHING_YET: TagWindow = { covers: () => false, names: new Set() };

interface List extends TagWindow {
  readonly askedAtMs: number;
}

/**
 * Tells of many tags of one target repository whether they are absent, by a list a second in place of a question a tag. A list may be
 * older than it looks (a cache, a replica): so it counts only if it names every tag that we had written since the list before it, one
 * at least, and the first that does not is the last that is asked for. Once the whole list is long, it is the part of it where tags
 * are being written: what that costs does not grow with the repository.
 */
export class AbsenceList {
  readonly #repository: Pick<Repository, "tags">;
  /** Since the last list. */
  readonly #written = new Set<string>();
  #list: List | undefined;
  #asking: Promise<List | undefined> | undefined;
  /** That were questions, since the last list; and that it made needless. */
  #looks = 0;
  #spared = 0;
  #long = false;
  #useless = false;

  constructor(repository: Pick<Repository, "tags">) {
    this.#repository = repository;
  }

  /** We wrote this tag, and the target has said so. */
  wrote(tag: string): void {
    if (!this.#useless) {
      this.#written.add(tag);
    }
  }

  /** True: the tag was not there within the last second. False: ask. @throws the signal's reason */
  async lacks(tag: string, options: RequestOptions): Promise<boolean> {
    if (this.#useless) {
      return false;
    }
    if (!isFresh(this.#list?.askedAtMs)) {
      this.#looks += 1;
      // As many as the list before spared, most likely, as this one would.
      const worth = this.#spared >= WORTH_A_LIST || this.#looks >= WORTH_A_LIST;
      if (!this.#asking && !(worth && this.#provable)) {
        return false;
      }
      this.#asking ??= this.#ask(options).finally(() => {
        this.#asking = undefined;
        this.#looks = 0;
        this.#spared = 0;
      });
      this.#list = await this.#asking;
    }
    options.signal?.throwIfAborted();
    // What was listed so slowly that it is old by now is of no use the next time either.
    this.#useless ||= !isFresh(this.#list?.askedAtMs);
    const absent = !this.#useless && this.#list?.covers(tag) === true && !this.#list.names.has(tag);
    this.#spared += absent ? 1 : 0;
    return absent;
  }

  get #provable(): boolean {
    return this.#long ? canProve(this.#written) : this.#written.size > 0;
  }

  async #ask(options: RequestOptions): Promise<List | undefined> {
    const written = new Set(this.#written);
    let askedAtMs = performance.now();
    try {
      let found = this.#long ? "too-long" : await wholeList(this.#repository, written, options);
      if (found === "too-long") {
        this.#long = true;
        askedAtMs = performance.now();
        found = canProve(written) ? await windowOf(this.#repository, written, options) : NOTHING_YET;
      }
      if (typeof found === "string") {
        return undefined;
      }
      if (found !== NOTHING_YET) {
        for (const tag of written) {
          this.#written.delete(tag);
        }
      }
      return { ...found, askedAtMs };
    } catch {
      // Who may push may not list everywhere.
      return undefined;
    }
  }
}
