/**
 * Sends at once what comes after a pause; what follows within `everyMs` goes together, the same only once. So fifty running tasks are ten
 * writes a second to each viewer and not fifty, and nobody waits for news that stands alone.
 */
export function spaced(
  send: (text: string) => void,
  everyMs: number,
): { add(text: string): void; close(): void } {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const pause = () => {
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting.size > 0) {
        const text = [...waiting].join("");
        waiting.clear();
        pause();
        send(text);
      }
    }, everyMs);
  };
  return {
    add(text) {
      if (timer) {
        waiting.add(text);
      } else {
        pause();
        send(text);
      }
    },
    close() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
