import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import type {
  AddOptions,
  Content,
  DeleteOptions,
  FetchOptions,
  Manifest,
  OpenedUpload,
  PushedManifest,
  ReferrerList,
  ReferrersOptions,
  Registry,
  Repository,
  RequestOptions,
  UploadOptions,
} from "../registry/repository.ts";
import type { Stored } from "./selected-tags.ts";

type Readable = Pick<Registry, "repository" | "repositories">;

/**
 * The registry of a source and the chart repository beside it as one, for whoever only looks: names and tags of both, and for a tag
 * what the registry says, else the chart repository. Charts that cannot be read are none, and that is said in the end, as in a task,
 * where `scanStores` reads the same two apart.
 */
export function bothStores(registry: Readable, charts: Readable): BothStores {
  const known: Known = { charts: new Set(), failure: undefined };
  return {
    repository: (name) => new BothRepository(registry.repository(name), charts.repository(name), known),
    repositories: (options) => namesOfBoth({ registry, charts, known }, options),
    storeOf: (digest) => (known.charts.has(digest) ? "charts" : undefined),
    chartsFailure: () => known.failure,
  };
}

interface Known {
  /** Digests that the chart repository answered with. */
  readonly charts: Set<string>;
  /** Why charts could not be read, the first time. */
  failure: unknown;
}

export interface BothStores extends Readable {
  /** Where something that was answered with was found; undefined: in the registry. */
  storeOf(digest: string): "charts" | undefined;
  /** Why some charts could not be read; undefined: they could. */
  chartsFailure(): unknown;
}

/** @throws what `read` throws once its caller has given up; else a failure is noted, and what is read is `none` */
async function ofCharts<T>(
  known: Known,
  options: RequestOptions | undefined,
  { read, none }: { read: () => Promise<T>; none: T },
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    options?.signal?.throwIfAborted();
    known.failure ??= error;
    return none;
  }
}

/** Pages of charts are one: an index is read as a whole. */
async function pagesOf(pages: AsyncIterable<string[]>): Promise<string[][]> {
  const all: string[][] = [];
  for await (const page of pages) {
    all.push(page);
  }
  return all;
}

async function* namesOfBoth(
  { registry, charts, known }: { registry: Readable; charts: Readable; known: Known },
  options: (RequestOptions & { namespace?: string | undefined }) | undefined,
): AsyncGenerator<string[]> {
  yield* registry.repositories(options);
  const read = async () => {
    try {
      return await pagesOf(charts.repositories(options));
    } catch (error) {
      // A namespace without an index has no charts.
      if (error instanceof RegistryError && error.status === 404) {
        return [];
      }
      throw error;
    }
  };
  yield* await ofCharts(known, options, { read, none: [] });
}

/** A repository of the registry with the versions of the chart of the same name. */
class BothRepository implements Repository, Stored {
  readonly name: string;
  readonly parts: Stored["parts"];
  readonly #registry: Repository;
  readonly #charts: Repository;
  readonly #known: Known;

  constructor(registry: Repository, charts: Repository, known: Known) {
    this.#known = known;
    this.name = registry.name;
    this.#registry = registry;
    this.#charts = charts;
    this.parts = [registry, { tags: (options) => this.#chartTags(options) }];
  }

  async resolve(reference: string, options?: RequestOptions): Promise<Descriptor | null> {
    const known = await this.#registry.resolve(reference, options);
    if (known) {
      return known;
    }
    const chart = await ofCharts(this.#known, options, {
      read: () => this.#charts.resolve(reference, options),
      none: null,
    });
    if (chart) {
      this.#known.charts.add(chart.digest);
    }
    return chart;
  }

  async *tags(options?: RequestOptions): AsyncGenerator<string[]> {
    yield* this.#registry.tags(options);
    yield* this.#chartTags(options);
  }

  async *#chartTags(options?: RequestOptions): AsyncGenerator<string[]> {
    const read = () => pagesOf(this.#charts.tags(options));
    yield* await ofCharts(this.#known, options, { read, none: [] });
  }

  fetchManifest(reference: string, options?: FetchOptions): Promise<Manifest> {
    return this.#holding(reference).fetchManifest(reference, options);
  }

  fetchBlob(blob: Descriptor, options?: RequestOptions): Promise<Content> {
    return this.#registry.fetchBlob(blob, options);
  }

  hasBlob(blob: Descriptor, options?: RequestOptions): Promise<boolean> {
    return this.#registry.hasBlob(blob, options);
  }

  referrers(subject: string, options?: ReferrersOptions): Promise<ReferrerList> {
    return this.#holding(subject).referrers(subject, options);
  }

  pushManifest(manifest: Manifest, options?: RequestOptions): Promise<PushedManifest> {
    return this.#registry.pushManifest(manifest, options);
  }

  addReferrers(subject: string, referrers: readonly Descriptor[], options?: AddOptions): Promise<void> {
    return this.#registry.addReferrers(subject, referrers, options);
  }

  deleteManifest(reference: string, options?: DeleteOptions): Promise<void> {
    return this.#registry.deleteManifest(reference, options);
  }

  openUpload(blob: Descriptor, options?: UploadOptions): Promise<OpenedUpload> {
    return this.#registry.openUpload(blob, options);
  }

  #holding(digest: string): Repository {
    return this.#known.charts.has(digest) ? this.#charts : this.#registry;
  }
}
