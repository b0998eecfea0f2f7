import type { Descriptor } from "../registry/descriptor.ts";
import type { Content } from "../registry/repository.ts";
import type { Passage } from "./throttle.ts";
import type { Walk } from "./walk.ts";

/** What may be sent as soon as there is an upload. */
export interface Begun {
  readonly passage: Passage;
  readonly content: Promise<Content>;
}

/** The content of a blob that is asked for while its upload is being opened: far away, one question does not wait for the other's answer. */
export class EarlyRead {
  #begun: Begun | undefined;

  private constructor(begun: Begun) {
    this.#begun = begun;
  }

  /** @returns undefined where the blob has to wait for its turn */
  static begin(blob: Descriptor, walk: Walk): EarlyRead | undefined {
    const { source, throttle, signal, begin } = walk;
    const passage = throttle.tryEnter({ sizeBytes: blob.size, owner: walk, signal: begin });
    if (!passage) {
      return undefined;
    }
    const content = source.fetchBlob(blob, { signal });
    // Its failure is told to whoever takes it.
    content.catch(() => undefined);
    return new EarlyRead({ passage, content });
  }

  /** Once. Whoever takes it leaves the passage, and reads the content to its end or gives it up. */
  take(): Begun | undefined {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun;
  }

  /** It is not needed, unless it was taken. */
  drop(): void {
    const begun = this.take();
    begun?.passage.leave();
    begun?.content.then(giveUp, () => undefined);
  }
}

/** Nobody reads the rest of it: else its connection, and its place among the reads of its registry, would be kept for nobody. */
export function giveUp(content: Content): void {
  content[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
}
