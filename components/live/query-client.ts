/**
 * What the pages read from our own routes, by key, and when it is read again. Written here because every page carries it: of a
 * general library a page would carry ten times as much for the same four functions (ARCHITECTURE.md, "Decisions").
 */

export type QueryKey = readonly unknown[];

export interface QueryState<Data> {
  readonly data: Data | undefined;
  /** When the data came, in milliseconds; 0: never. */
  readonly dataUpdatedAt: number;
  /** Of the last try, if it failed; what was read before stays. */
  readonly error: unknown;
  readonly errorUpdatedAt: number;
  readonly isError: boolean;
  readonly isFetching: boolean;
}

export interface ReadOptions<Data> {
  readonly queryKey: QueryKey;
  readonly queryFn: (context: { signal: AbortSignal }) => Promise<Data>;
  /** What the page came with; it counts as just read. */
  readonly initialData?: Data | undefined;
  /** How often it is tried again before it counts as failed. */
  readonly retry?: number | false | undefined;
}

/** Unused results are kept this long, for who comes back. */
const KEEP_MS = 5 * 60_000;
const RETRY_DELAY_MS = 1000;
const RETRIES = 1;

const NOTHING: QueryState<never> = {
  data: undefined,
  dataUpdatedAt: 0,
  error: null,
  errorUpdatedAt: 0,
  isError: false,
  isFetching: false,
};

interface QueryOwner {
  changed(): void;
  /** The last reader is gone. */
  unused(): void;
}

/** One key with its state, its readers, and the request that is under way. */
export class Query<Data> {
  readonly key: QueryKey;
  state: QueryState<Data>;
  /** Something happened that makes the data old. */
  invalid = false;
  #options: ReadOptions<Data>;
  #request: { controller: AbortController; done: Promise<void> } | null = null;
  readonly #watchers = new Set<() => void>();
  readonly #owner: QueryOwner;

  constructor(options: ReadOptions<Data>, owner: QueryOwner) {
    this.key = options.queryKey;
    this.state = NOTHING;
    this.#options = options;
    this.#owner = owner;
    this.begin(options);
  }

  /** Takes the newest way to read, and the data that a page came with if there is none. */
  begin(options: ReadOptions<Data>): void {
    this.#options = options;
    if (this.state.data === undefined && options.initialData !== undefined) {
      this.state = { ...this.state, data: options.initialData, dataUpdatedAt: Date.now() };
    }
  }

  get active(): boolean {
    return this.#watchers.size > 0;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      if (!this.active) {
        this.#cutOff();
        this.#owner.unused();
      }
    };
  }

  isOlderThan(ms: number): boolean {
    return this.invalid || this.state.data === undefined || Date.now() - this.state.dataUpdatedAt >= ms;
  }

  /** Joins the request that is under way, or starts one; with `anew` that one is cut off. Never rejects. */
  read({ anew = false }: { anew?: boolean } = {}): Promise<void> {
    if (this.#request && !anew) {
      return this.#request.done;
    }
    this.#request?.controller.abort();
    const controller = new AbortController();
    this.invalid = false;
    this.#set({ isFetching: true });
    const done = this.#load(controller.signal);
    this.#request = { controller, done };
    return done;
  }

  async #load(signal: AbortSignal): Promise<void> {
    const { queryFn, retry } = this.#options;
    for (let left = retry === false ? 0 : (retry ?? RETRIES); ; left--) {
      try {
        const data = await queryFn({ signal });
        if (!signal.aborted) {
          this.#end({
            data: same(this.state.data, data),
            dataUpdatedAt: Date.now(),
            error: null,
            isError: false,
          });
        }
        return;
      } catch (error) {
        if (!signal.aborted && left > 0) {
          await new Promise((resume) => setTimeout(resume, RETRY_DELAY_MS));
        }
        if (signal.aborted) {
          return;
        }
        if (left === 0) {
          return this.#end({ error, errorUpdatedAt: Date.now(), isError: true });
        }
      }
    }
  }

  /** Nobody waits for it any more. */
  #cutOff(): void {
    if (this.#request) {
      this.#request.controller.abort();
      this.invalid = true;
      this.#end({});
    }
  }

  #end(change: Partial<QueryState<Data>>): void {
    this.#request = null;
    this.#set({ ...change, isFetching: false });
  }

  #set(change: Partial<QueryState<Data>>): void {
    this.state = { ...this.state, ...change };
    for (const watcher of this.#watchers) {
      watcher();
    }
    this.#owner.changed();
  }
}

/** The old object where the new one says the same: what is drawn from it need not be drawn again. */
function same<Data>(old: Data | undefined, data: Data): Data {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(data) ? old : data;
}

export class QueryClient {
  readonly #queries = new Map<string, Query<unknown>>();
  readonly #watchers = new Set<() => void>();

  query<Data>(options: ReadOptions<Data>): Query<Data> {
    const name = JSON.stringify(options.queryKey);
    const known = this.#queries.get(name) as Query<Data> | undefined;
    if (known) {
      return known;
    }
    const query: Query<Data> = new Query(options, {
      changed: () => this.#tell(),
      unused: () => this.#forgetLater(name, query),
    });
    this.#queries.set(name, query as Query<unknown>);
    return query;
  }

  /** Those whose key begins so, in the order they were first read. */
  find(prefix: QueryKey): Query<unknown>[] {
    return [...this.#queries.values()].filter(({ key }) =>
      prefix.every((part, index) => JSON.stringify(part) === JSON.stringify(key[index])),
    );
  }

  /** Reads anew what is shown, and marks the rest as old. Without a key: everything. */
  async invalidateQueries({ queryKey = [] }: { queryKey?: QueryKey | undefined } = {}): Promise<void> {
    const stale = this.find(queryKey);
    for (const query of stale) {
      query.invalid = true;
    }
    await Promise.all(stale.filter(({ active }) => active).map((query) => query.read({ anew: true })));
  }

  /** Tells of every change of any query. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #tell(): void {
    for (const watcher of this.#watchers) {
      watcher();
    }
  }

  #forgetLater(name: string, query: Query<unknown> | Query<never>): void {
    setTimeout(() => {
      if (!query.active) {
        this.#queries.delete(name);
      }
    }, KEEP_MS);
  }
}
