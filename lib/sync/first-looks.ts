import { type Asked, type Expectation, FirstLook } from "./first-look.ts";
import { LikelyNames } from "./likely-names.ts";

/**
 * What tags name at a target before anything is done about them, with as few questions as can be. What it misses, because somebody
 * wrote meanwhile, is found by the last look immediately before each write.
 */
export class FirstLooks {
  readonly #looks = new Map<string, FirstLook>();
  readonly #likelyNames = new LikelyNames();
  #expectation: Expectation = "unknown";

  /** One a repository. */
  at(repository: Asked): FirstLook {
    let look = this.#looks.get(repository.name);
    if (!look) {
      look = new FirstLook(repository, {
        expectation: this.#expectation,
        likelyNames: this.#likelyNames,
        onFound: (found) => {
          this.#expectation = found;
        },
      });
      this.#looks.set(repository.name, look);
    }
    return look;
  }
}
