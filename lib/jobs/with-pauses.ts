/**
 * What comes, in its order, and null where the next one lets wait for it longer than that.
 * @param pauseMs asked before each; undefined: it may take as long as it takes
 */
export async function* withPauses<T>(
  items: AsyncIterable<T>,
  pauseMs: () => number | undefined,
): AsyncGenerator<T | null> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = iterator.next();
      // It is awaited below, perhaps after a pause.
      next.catch(() => undefined);
      const ms = pauseMs();
      if (ms !== undefined && !(await isSettledWithin(next, ms))) {
        yield null;
      }
      const result = await next;
      if (result.done) {
        return;
      }
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function isSettledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([
      work.then(
        () => true,
        () => true,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
