import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import type { Repository, RequestOptions } from "../registry/repository.ts";
import { NOBODY } from "./aliases.ts";

/** What a tag is likely to name, or names. */
export type NamedContent = Pick<Descriptor, "digest" | "mediaType">;

type Asked = Pick<Repository, "resolve">;

/**
 * Asks a registry what tags name that most likely name what is known already: asked whether they still do, it need not read the
 * manifest (RFC 9110, 13.1.2), which is a quarter of its work, nor does it notice that it has lost it. Like `Aliases` it trusts no registry that has not said of
 * some tag that it does not name what no tag does; that question is the first one, and costs none more. Others go out beside it, and
 * are believed when it is answered. One that refuses such questions is asked plainly.
 */
export class LikelyNames {
  /** Whether the registry says no to what no tag names; undefined: it is to be asked, of the next tag. Never fails. */
  #proof: Promise<boolean> | undefined;
  #distrusted = false;

  /** @returns `likely` itself where the registry said no more than that it is that @throws what `Repository.resolve` throws */
  async ask<Likely extends NamedContent>(
    repository: Asked,
    tag: string,
    { likely, ...options }: RequestOptions & { likely?: Likely | undefined },
  ): Promise<Likely | Descriptor | null> {
    if (this.#distrusted || !likely) {
      return repository.resolve(tag, options);
    }
    const proof = this.#proof;
    if (!proof) {
      return this.#prove(repository, tag, options);
    }
    // Whatever its size is: nobody is told.
    const known = { ...likely, size: 0 };
    try {
      const named = await repository.resolve(tag, { ...options, known });
      if (named !== known) {
        return named;
      }
    } catch (error) {
      if (!isRefusal(error) || (await proof)) {
        throw error;
      }
    }
    return (await proof) ? likely : repository.resolve(tag, options);
  }

  async #prove(repository: Asked, tag: string, options: RequestOptions): Promise<Descriptor | null> {
    const asked = repository.resolve(tag, { ...options, known: NOBODY.descriptor });
    this.#proof = asked.then(
      (named) => this.#hear(named, named === NOBODY.descriptor),
      (error: unknown) => this.#hear(null, isRefusal(error)),
    );
    try {
      const named = await asked;
      if (named !== NOBODY.descriptor) {
        return named;
      }
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
    }
    return repository.resolve(tag, options);
  }

  #hear(named: Descriptor | null, distrusted: boolean): boolean {
    this.#distrusted = distrusted;
    const proven = named !== null && !this.#distrusted;
    if (!proven) {
      this.#proof = undefined;
    }
    return proven;
  }
}

/** Asked again in the same way it would say the same. */
function isRefusal(error: unknown): boolean {
  return error instanceof RegistryError && !error.retryable;
}
