/** Who is told that a signal was aborted. */
export interface AbortListener {
  onAbort(reason: unknown): void;
  /** Its place at the hub that it listens to, kept by that hub; undefined: it listens to none. */
  hubPlace?: number | undefined;
}

const hubs = new WeakMap<AbortSignal, AbortHub>();

/** Of a signal. Where that is aborted already nobody is told any more. */
export function abortHub(signal: AbortSignal): AbortHub {
  let hub = hubs.get(signal);
  if (!hub) {
    const made = new AbortHub();
    hub = made;
    hubs.set(signal, hub);
    signal.addEventListener("abort", () => made.tellAll(signal.reason), { once: true });
  }
  return hub;
}

/**
 * Those that listen to a signal that thousands of requests share, some dozens at a time: whoever adds himself is told, until he takes
 * himself away. The signal has one listener for all of them, since to take one of many away again it is looked for among the others.
 *
 * An array, and no `Set`: a set that many come to and leave is laid out anew every now and then, and V8 has each layout hold the next
 * one. One of them that the collector had found alive kept all that came after it, with every answer, until the next full collection.
 */
class AbortHub {
  readonly #listeners: AbortListener[] = [];

  /** How many listen. */
  get size(): number {
    return this.#listeners.length;
  }

  /** @param listener that listens nowhere yet */
  add(listener: AbortListener): void {
    listener.hubPlace = this.#listeners.push(listener) - 1;
  }

  delete(listener: AbortListener): void {
    const place = listener.hubPlace;
    if (place === undefined) {
      return;
    }
    listener.hubPlace = undefined;
    const last = this.#listeners.pop();
    if (last && last !== listener) {
      this.#listeners[place] = last;
      last.hubPlace = place;
    }
  }

  tellAll(reason: unknown): void {
    for (const listener of [...this.#listeners]) {
      // One that was told before may have taken it away.
      if (listener.hubPlace !== undefined) {
        listener.onAbort(reason);
      }
    }
  }
}
