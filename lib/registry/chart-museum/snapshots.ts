import type { RequestOptions } from "../repository.ts";
import { ByteCache } from "./byte-cache.ts";
import type { ChartEntry, ChartIndex } from "./chart-index.ts";
import type { ChartContent } from "./chart-manifest.ts";

/** How old an index may be that answers for a tag. Each tag is asked for several times while it is copied. */
const FRESH_MS = 5_000;
/** Of manifests and configs that are kept with an index. */
const CONTENT_BYTES = 16 * 1024 * 1024;

/** An index as it was read, with what its entries turned out to be. */
export class Snapshot {
  readonly index: ChartIndex;
  /** False: there is no index. */
  readonly exists: boolean;
  readonly readAtMs: number;
  readonly #found = new ByteCache<ChartContent>(CONTENT_BYTES);
  readonly #finding = new Map<ChartEntry, Promise<ChartContent>>();

  constructor(index: ChartIndex | null, readAtMs: number) {
    this.index = index ?? { charts: new Map(), contextPath: "" };
    this.exists = index !== null;
    this.readAtMs = readAtMs;
  }

  /** What an entry is: found out once while this index counts. A failure is nobody else's answer. */
  async content(entry: ChartEntry, find: () => Promise<ChartContent>): Promise<ChartContent> {
    const key = keyOf(entry);
    const underWay = this.#finding.get(entry);
    const found = this.#found.get(key);
    if (found || underWay) {
      return found ?? (underWay as Promise<ChartContent>).catch(find);
    }
    const finding = find();
    this.#finding.set(entry, finding);
    try {
      const content = await finding;
      this.#found.set(key, content, weightOf(content));
      return content;
    } finally {
      this.#finding.delete(entry);
    }
  }

  /** What is known of an entry without asking. */
  known(entry: ChartEntry): ChartContent | undefined {
    return this.#found.get(keyOf(entry));
  }

  /** Something was uploaded: this index has it from now on. */
  add(chart: string, tag: string, entry: ChartEntry): void {
    const versions = this.index.charts.get(chart) ?? new Map<string, ChartEntry>();
    const replaced = versions.get(tag);
    if (replaced) {
      this.#found.delete(keyOf(replaced));
    }
    versions.set(tag, entry);
    this.index.charts.set(chart, versions);
  }
}

function keyOf({ name, version }: ChartEntry): string {
  return `${name} ${version}`;
}

function weightOf({ manifest, config, provenance }: ChartContent): number {
  return manifest.bytes.byteLength + config.bytes.byteLength + (provenance?.bytes.byteLength ?? 0) + 1024;
}

/** The indexes of a chart repository by address, read together by whoever wants them at the same time. */
export class Snapshots {
  readonly #read: (repository: URL, options: RequestOptions) => Promise<ChartIndex | null>;
  readonly #known = new Map<string, Snapshot>();
  readonly #reading = new Map<string, Promise<Snapshot>>();

  constructor(read: (repository: URL, options: RequestOptions) => Promise<ChartIndex | null>) {
    this.#read = read;
  }

  /** @param fresh not one that was read earlier */
  async get(repository: URL, options: RequestOptions, fresh = false): Promise<Snapshot> {
    const known = this.#known.get(repository.href);
    if (known && !fresh && performance.now() - known.readAtMs < FRESH_MS) {
      return known;
    }
    const underWay = this.#reading.get(repository.href);
    if (underWay && !fresh) {
      // The other's failure is not ours: its request may have been cut.
      return underWay.catch(() => this.#load(repository, options));
    }
    return this.#load(repository, options);
  }

  /** A large index takes tens of megabytes, and there are as many as namespaces: what counts no more is not kept. */
  #forgetOld(): void {
    for (const [href, { readAtMs }] of this.#known) {
      if (performance.now() - readAtMs >= FRESH_MS) {
        this.#known.delete(href);
      }
    }
  }

  async #load(repository: URL, options: RequestOptions): Promise<Snapshot> {
    const startedMs = performance.now();
    const reading = this.#read(repository, options).then((index) => new Snapshot(index, startedMs));
    this.#reading.set(repository.href, reading);
    try {
      const snapshot = await reading;
      this.#forgetOld();
      this.#known.set(repository.href, snapshot);
      return snapshot;
    } finally {
      if (this.#reading.get(repository.href) === reading) {
        this.#reading.delete(repository.href);
      }
    }
  }
}
