/**
 * Visits what an iterable yields, at most `concurrency` at a time; nothing is taken from it that cannot be begun.
 * The first error, of the iterable or of a visit, ends it after the visits under way have ended.
 */
export async function forEachLimited<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  let underWay = 0;
  // Whoever waits for one of many: a race of all of them anew for each item is work for the collector.
  let onEnd: (() => void) | undefined;
  const begin = (item: T): void => {
    const visiting = visit(item);
    underWay += 1;
    visiting
      .catch((error: unknown) => {
        errors.push(error);
      })
      .finally(() => {
        underWay -= 1;
        onEnd?.();
      });
  };
  const fewerThan = async (count: number): Promise<void> => {
    while (underWay >= count) {
      await new Promise<void>((resolve) => {
        onEnd = resolve;
      });
    }
  };
  try {
    for await (const item of items) {
      begin(item);
      await fewerThan(concurrency);
      if (errors.length > 0) {
        break;
      }
    }
  } catch (error) {
    errors.push(error);
  }
  await fewerThan(1);
  if (errors.length > 0) {
    throw errors[0];
  }
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
