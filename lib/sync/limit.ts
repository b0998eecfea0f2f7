/**
 * Visits what an iterable yields, at most `concurrency` at a time; nothing is taken from it that cannot be begun.
 * The first error, of the iterable or of a visit, ends it after the visits under way have ended.
 */
export function forEachLimited<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  return Symbol.iterator in items
    ? forEachInParts([items], concurrency, visit)
    : forEachInParts(inParts(items), concurrency, visit);
}

async function* inParts<T>(items: AsyncIterable<T>): AsyncGenerator<[T]> {
  for await (const item of items) {
    yield [item];
  }
}

/** The same of what comes in parts: within one nobody waits but for a place. */
export async function forEachInParts<T>(
  parts: AsyncIterable<Iterable<T>> | Iterable<Iterable<T>>,
  concurrency: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  const visits = new Visits(visit);
  try {
    for await (const part of parts) {
      for (const item of part) {
        visits.begin(item);
        while (visits.underWay >= concurrency) {
          await visits.nextEnd();
        }
        if (visits.failed) {
          break;
        }
      }
      if (visits.failed) {
        break;
      }
    }
  } catch (error) {
    visits.fail(error);
  }
  while (visits.underWay > 0) {
    await visits.nextEnd();
  }
  visits.throwFirst();
}

class Visits<T> {
  readonly #visit: (item: T) => Promise<void>;
  readonly #errors: unknown[] = [];
  underWay = 0;
  // Whoever waits for one of many: a race of all of them anew for each item is work for the collector.
  #onEnd: (() => void) | undefined;

  constructor(visit: (item: T) => Promise<void>) {
    this.#visit = visit;
  }

  get failed(): boolean {
    return this.#errors.length > 0;
  }

  begin(item: T): void {
    const visiting = this.#visit(item);
    this.underWay += 1;
    visiting.then(this.#ended, (error: unknown) => {
      this.fail(error);
      this.#ended();
    });
  }

  fail(error: unknown): void {
    this.#errors.push(error);
  }

  nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEnd = resolve;
    });
  }

  throwFirst(): void {
    if (this.failed) {
      throw this.#errors[0];
    }
  }

  readonly #ended = (): void => {
    this.underWay -= 1;
    this.#onEnd?.();
  };
}

/** Maps in order, at most `concurrency` at a time. */
export async function mapLimited<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  await forEachLimited(items.entries(), concurrency, async ([index, item]) => {
    results[index] = await map(item);
  });
  return results;
}
