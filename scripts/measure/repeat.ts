/** Does the work again this long after it has ended, whichever way it went. @returns what stops it */
export function repeat(everyMs: number, work: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const next = () => {
    timer = setTimeout(() => {
      void work()
        .catch(() => undefined)
        .finally(() => {
          if (!stopped) {
            next();
          }
        });
    }, everyMs);
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
