import type { Descriptor } from "../registry/descriptor.ts";
import { NO_DIGEST } from "../registry/digest.ts";
import type { Manifest } from "../registry/repository.ts";

/** What a tag names; with the manifest, where that was read. */
export interface Named {
  readonly descriptor: Descriptor;
  readonly manifest?: Manifest | undefined;
}

/** What no tag names: a registry that says a tag still names it compares nothing. */
export const NOBODY: Named = namedBy({
  descriptor: { mediaType: "application/octet-stream", digest: NO_DIGEST, size: 0 },
  bytes: new Uint8Array(),
});
/** Further away, tags name the same by chance. */
const NEAR = 8;

/**
 * What the tags of a repository are likely to name. Those that stand beside each other in a list (1.2, 1.2.3) often name the same: asked
 * whether a tag still names that, a registry reads the manifest, and sends it, only where it does not (RFC 9110, 13.1.2).
 *
 * A registry that answers so without comparing would put one image under the tag of another. So it is first asked about tags that name
 * something whether they name what no tag does; before it said no to that, nothing it agrees to is asked, and one that says yes is
 * never asked so again.
 */
export class Aliases {
  #proven = false;
  #distrusted = false;
  /** By place in the part of the list that is being read; at -1 the last tag of the part before. */
  #named = new Map<number, Named>();

  /** The next tags of the list follow. @param count of the part before */
  turn(count: number): void {
    const last = this.#named.get(count - 1);
    this.#named = last ? new Map([[-1, last]]) : new Map();
  }

  /** What the tag at this place is to be asked about; undefined: it is asked what it names, and no more. */
  guess(place: number): Named | undefined {
    if (this.#distrusted) {
      return undefined;
    }
    return (this.#proven && this.#nearest(place)) || NOBODY;
  }

  /**
   * What the tag at this place was said to name when it was asked about `guess`.
   * @returns false: that is worth nothing, it is to be asked again
   */
  heard(place: number, named: Named | null, guess: Named | undefined): boolean {
    if (named !== null && named === NOBODY) {
      this.#distrusted = true;
      return false;
    }
    if (named) {
      this.#proven ||= guess === NOBODY;
      this.#named.set(place, named);
    }
    return true;
  }

  #nearest(place: number): Named | undefined {
    for (let distance = 1; distance <= NEAR; distance++) {
      const near = this.#named.get(place - distance) ?? this.#named.get(place + distance);
      if (near) {
        return near;
      }
    }
    return undefined;
  }
}

/** All places of a list so that each one stands between others that came before it: those help to guess it. */
export function* spread(count: number): Generator<number> {
  if (count > 0) {
    yield 0;
  }
  for (let step = 2 ** Math.ceil(Math.log2(count)); step > 1; step /= 2) {
    for (let place = step / 2; place < count; place += step) {
      yield place;
    }
  }
}

export function namedBy(manifest: Manifest): Named {
  return { descriptor: manifest.descriptor, manifest };
}
