import type { Descriptor } from "../registry/descriptor.ts";
import type { Repository, RequestOptions } from "../registry/repository.ts";
import { NOBODY } from "./aliases.ts";

/** What a tag is likely to name, or names. */
export type NamedContent = Pick<Descriptor, "digest" | "mediaType">;

/**
 * Asks a target what tags name that most likely name there what they name at the source: asked whether they still do, a registry need
 * not read the manifest (RFC 9110, 13.1.2), which is a quarter of its work, nor does it notice that it has lost it. Like `Aliases` it trusts no registry that has not said of
 * some tag that it does not name what no tag does; that question is the first one, and costs none more.
 */
export class LikelyNames {
  #proven = false;
  #distrusted = false;

  /** @throws what `Repository.resolve` throws */
  async ask(
    repository: Pick<Repository, "resolve">,
    tag: string,
    { likely, ...options }: RequestOptions & { likely?: NamedContent | undefined },
  ): Promise<NamedContent | null> {
    if (this.#distrusted || !likely) {
      return repository.resolve(tag, options);
    }
    // Whatever its size is: nobody is told.
    const known = this.#proven ? { ...likely, size: 0 } : NOBODY.descriptor;
    const named = await repository.resolve(tag, { ...options, known });
    if (named === NOBODY.descriptor) {
      this.#distrusted = true;
      return repository.resolve(tag, options);
    }
    this.#proven ||= named !== null && known === NOBODY.descriptor;
    return named;
  }
}
