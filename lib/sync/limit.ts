/**
 * Visits what an iterable yields, at most `concurrency` at a time; nothing is taken from it that cannot be begun.
 * The first error, of the iterable or of a visit, ends it after the visits under way have ended.
 */
export async function forEachLimited<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const errors: unknown[] = [];
  try {
    for await (const item of items) {
      const done: Promise<void> = visit(item)
        .catch((error: unknown) => {
          errors.push(error);
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
      if (underWay.size >= concurrency) {
        await Promise.race(underWay);
      }
      if (errors.length > 0) {
        break;
      }
    }
  } catch (error) {
    errors.push(error);
  }
  await Promise.all(underWay);
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
