import { ContentError, RegistryError } from "../registry/errors.ts";
import type { Manifest, Repository } from "../registry/repository.ts";
import { type Named, namedBy } from "./aliases.ts";
import type { RememberedNames } from "./remembered-names.ts";

/** Told what comes while the source is still being asked about it, by whoever reads it: the other end can be asked meanwhile. */
export interface Lookahead {
  /** The tags of this repository are listed next. */
  coming(repository: string): void;
  /** These of its tags are asked for next. */
  wanted(repository: string, tags: readonly string[]): void;
  /** Whether a tag is to be copied in any case. Never throws. */
  lacks(repository: string, tag: string): Promise<boolean>;
  /** What was read because of that. */
  read(manifest: Manifest): void;
}

/**
 * What a tag names; null where the registry does not know it. Of a tag that is to be copied in any case the manifest is read: one
 * question where there would be two. Whatever is wrong with it is said where it is copied.
 * @param guess what it is likely to name; of a tag that is remembered there is none
 * @returns `guess` itself where the registry said no more than that the tag names that
 * @throws what `Repository.resolve` throws
 */
export async function nameOf(
  repository: Pick<Repository, "name" | "resolve" | "fetchManifest">,
  tag: string,
  {
    ahead,
    remembered,
    signal,
    guess,
  }: {
    ahead: Lookahead | undefined;
    remembered?: RememberedNames | undefined;
    signal: AbortSignal;
    guess?: Named | undefined;
  },
): Promise<Named | null> {
  if (ahead && (await ahead.lacks(repository.name, tag))) {
    try {
      const known = guess?.manifest;
      const manifest = await repository.fetchManifest(tag, { signal, known });
      if (guess && manifest === known) {
        return guess;
      }
      ahead.read(manifest);
      return namedBy(manifest);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ContentError) && !(error instanceof RegistryError && !error.retryable)) {
        throw error;
      }
    }
  }
  const known = guess?.descriptor;
  const descriptor =
    remembered && !guess
      ? await remembered.ask(repository, tag, { signal })
      : await repository.resolve(tag, { signal, known });
  if (guess && descriptor === known) {
    return guess;
  }
  return descriptor && { descriptor };
}
