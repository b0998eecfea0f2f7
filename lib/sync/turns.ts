import { withPatience } from "./patience.ts";

/** So long one waits for another that is before it. */
const LATE_MS = 20;

export interface Turn {
  /** Waits for those that are before it, each of which may be late; the one behind it may go then. */
  come(): Promise<void>;
  /** It needs no turn: the one behind it may go when those before it have gone. */
  pass(): void;
}

/**
 * Keeps what is done side by side in the order in which it began, where the first are waited for first: their answers come a moment
 * earlier or later, and requests that are sent a moment later may wait for all that are before them.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Turn {
    const before = this.#last;
    let go = (): void => undefined;
    this.#last = new Promise((resolve) => {
      go = resolve;
    });
    return {
      async come() {
        await withPatience(before, LATE_MS);
        go();
      },
      pass: () => {
        before.then(go);
      },
    };
  }
}
