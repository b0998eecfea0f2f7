import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import type {
  AddOptions,
  Content,
  DeleteOptions,
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

type Readable = Pick<Registry, "repository" | "repositories">;

/**
 * The registry of a source and the chart repository beside it as one, for whoever only looks: names and tags of both, and for a tag
 * what the registry says, else the chart repository. `scanStores` reads the same two apart, since a task goes on where one of them fails.
 */
export function bothStores(registry: Readable, charts: Readable): BothStores {
  const found = new Set<string>();
  return {
    repository: (name) => new BothRepository(registry.repository(name), charts.repository(name), found),
    repositories: (options) => namesOfBoth(registry, charts, options),
    storeOf: (digest) => (found.has(digest) ? "charts" : undefined),
  };
}

export interface BothStores extends Readable {
  /** Where something that was answered with was found; undefined: in the registry. */
  storeOf(digest: string): "charts" | undefined;
}

async function* namesOfBoth(
  registry: Readable,
  charts: Readable,
  options: (RequestOptions & { namespace?: string | undefined }) | undefined,
): AsyncGenerator<string[]> {
  yield* registry.repositories(options);
  try {
    yield* charts.repositories(options);
  } catch (error) {
    // A namespace without an index has no charts.
    if (!(error instanceof RegistryError && error.status === 404)) {
      throw error;
    }
  }
}

/** A repository of the registry with the versions of the chart of the same name. */
class BothRepository implements Repository {
  readonly name: string;
  readonly #registry: Repository;
  readonly #charts: Repository;
  /** Digests that the chart repository answered with. */
  readonly #found: Set<string>;

  constructor(registry: Repository, charts: Repository, found: Set<string>) {
    this.#found = found;
    this.name = registry.name;
    this.#registry = registry;
    this.#charts = charts;
  }

  async resolve(reference: string, options?: RequestOptions): Promise<Descriptor | null> {
    const known = await this.#registry.resolve(reference, options);
    if (known) {
      return known;
    }
    const chart = await this.#charts.resolve(reference, options);
    if (chart) {
      this.#found.add(chart.digest);
    }
    return chart;
  }

  async *tags(options?: RequestOptions): AsyncGenerator<string[]> {
    yield* this.#registry.tags(options);
    yield* this.#charts.tags(options);
  }

  fetchManifest(reference: string, options?: RequestOptions): Promise<Manifest> {
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
    return this.#found.has(digest) ? this.#charts : this.#registry;
  }
}
