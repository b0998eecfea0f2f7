/** A queue between who finds and who takes, with room for a few: whoever pushes into a full one waits. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #room: number;
  readonly #items: T[] = [];
  #wakeTaker: (() => void) | null = null;
  readonly #wakePushers: (() => void)[] = [];
  #end: { error?: unknown } | null = null;

  /** @param room items that may wait */
  constructor(room: number) {
    this.#room = room;
  }

  /** False once nobody takes any more: then stop. */
  async push(item: T): Promise<boolean> {
    while (this.#items.length >= this.#room && !this.#end) {
      await new Promise<void>((resolve) => this.#wakePushers.push(resolve));
    }
    if (this.#end) {
      return false;
    }
    this.#items.push(item);
    this.#wakeTaker?.();
    return true;
  }

  /** Nothing more will come: what waits is still taken, then the iteration ends, by `error` where one is given. */
  close(end: { error?: unknown } = {}): void {
    this.#end ??= end;
    this.#wakeTaker?.();
    this.#wakeAll();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      while (true) {
        while (this.#items.length > 0) {
          const item = this.#items.shift() as T;
          this.#wakePushers.shift()?.();
          yield item;
        }
        if (this.#end) {
          if ("error" in this.#end) {
            throw this.#end.error;
          }
          return;
        }
        await new Promise<void>((resolve) => {
          this.#wakeTaker = resolve;
        });
        this.#wakeTaker = null;
      }
    } finally {
      this.close();
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wakePushers.splice(0)) {
      wake();
    }
  }
}

/**
 * Maps in order, with up to `ahead` begun before their turn. What is ready is yielded at once, whether or not the source
 * has more; end it by the signal that ends the source too.
 */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun = new Channel<Promise<R>>(ahead);
  const feed = async (): Promise<void> => {
    for await (const item of items) {
      const result = map(item);
      // It is awaited in its turn; until then a failure is nobody's unhandled rejection.
      result.catch(() => {});
      if (!(await begun.push(result))) {
        return;
      }
    }
  };
  feed().then(
    () => begun.close(),
    (error: unknown) => begun.close({ error }),
  );
  for await (const result of begun) {
    yield await result;
  }
}
