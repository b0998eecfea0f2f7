/** A list that nobody reads goes on so long: the next key that is typed wants the same names. */
const GRACE_MS = 1_000;

/**
 * One listing for several readers, one after the other or at once: each sees it from its first page on, and waits for what
 * has not come yet. It ends by itself a second after its last reader has gone; pages that came stay.
 */
export class SharedListing {
  readonly #pages: string[][] = [];
  readonly #ended = new AbortController();
  readonly #waiting = new Set<() => void>();
  #list: (signal: AbortSignal) => AsyncIterable<string[]>;
  #state: "idle" | "running" | "complete" | "failed" = "idle";
  #error: unknown;
  #readers = 0;
  #names = 0;
  #grace: NodeJS.Timeout | undefined;

  constructor(list: (signal: AbortSignal) => AsyncIterable<string[]>) {
    this.#list = list;
  }

  get names(): number {
    return this.#names;
  }

  get failed(): boolean {
    return this.#state === "failed";
  }

  stop(): void {
    clearTimeout(this.#grace);
    this.#ended.abort();
  }

  /** @throws what ended the listing, or the reason of `signal` */
  async *pages(signal: AbortSignal | undefined): AsyncGenerator<string[]> {
    clearTimeout(this.#grace);
    this.#readers += 1;
    try {
      if (this.#state === "idle") {
        void this.#run();
      }
      for (let next = 0; ; next += 1) {
        while (next >= this.#pages.length && this.#state === "running") {
          await this.#news(signal);
        }
        signal?.throwIfAborted();
        const page = this.#pages[next];
        if (page) {
          yield page;
        } else if (this.#state === "failed") {
          throw this.#error;
        } else {
          return;
        }
      }
    } finally {
      this.#readers -= 1;
      if (this.#readers === 0 && this.#state === "running") {
        this.#grace = setTimeout(() => this.stop(), GRACE_MS);
        this.#grace.unref();
      }
    }
  }

  async #run(): Promise<void> {
    this.#state = "running";
    try {
      for await (const page of this.#list(this.#ended.signal)) {
        this.#pages.push(page);
        this.#names += page.length;
        this.#tell();
      }
      this.#state = "complete";
    } catch (error) {
      this.#state = "failed";
      this.#error = error;
    }
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#waiting) {
      wake();
    }
  }

  async #news(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
    signal?.throwIfAborted();
  }
}
