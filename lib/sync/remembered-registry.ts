import type { Descriptor } from "../registry/descriptor.ts";
import type {
  Manifest,
  OpenedUpload,
  PushedManifest,
  ReferrerList,
  Registry,
  Repository,
  RequestOptions,
} from "../registry/repository.ts";
import { SharedListing } from "./shared-listing.ts";
import { ManifestCache } from "./target-memory.ts";

/** Answers kept of one registry, each a tag list, a descriptor or a yes; the oldest go first. */
const MAX_ANSWERS = 20_000;

/**
 * A registry that is read again and again within minutes, as while somebody types a pattern: what it said once is not
 * asked again. For reading only; who wants it fresh makes another one.
 */
export class RememberedRegistry implements Pick<Registry, "repository" | "repositories" | "close"> {
  readonly #registry: Registry;
  readonly #listings = new Map<string, SharedListing>();
  readonly #answers = new Answers();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Names of repositories held, for whoever bounds the memory of several of these. */
  get names(): number {
    let names = 0;
    for (const listing of this.#listings.values()) {
      names += listing.names;
    }
    return names;
  }

  repository(name: string): Repository {
    return new RememberedRepository(this.#registry.repository(name), this.#answers);
  }

  repositories(options: RequestOptions & { namespace?: string | undefined } = {}): AsyncIterable<string[]> {
    const key = options.namespace ?? "";
    let listing = this.#listings.get(key);
    if (!listing || listing.failed) {
      listing = new SharedListing((signal) =>
        this.#registry.repositories({ namespace: options.namespace, signal }),
      );
      this.#listings.set(key, listing);
    }
    return listing.pages(options.signal);
  }

  async close(): Promise<void> {
    for (const listing of this.#listings.values()) {
      listing.stop();
    }
    await this.#registry.close();
  }
}

class RememberedRepository implements Repository {
  readonly name: string;
  readonly #repository: Repository;
  readonly #answers: Answers;

  constructor(repository: Repository, answers: Answers) {
    this.name = repository.name;
    this.#repository = repository;
    this.#answers = answers;
  }

  resolve(reference: string, options?: RequestOptions): Promise<Descriptor | null> {
    return this.#answers.get(`r ${this.name} ${reference}`, () =>
      // What one asker expects is no answer for the next.
      this.#repository.resolve(reference, { signal: options?.signal }),
    );
  }

  fetchManifest(reference: string, options?: RequestOptions): Promise<Manifest> {
    return this.#answers.manifests.get(reference, () =>
      this.#repository.fetchManifest(reference, { signal: options?.signal }),
    );
  }

  hasBlob(blob: Descriptor, options?: RequestOptions): Promise<boolean> {
    return this.#answers.get(`b ${this.name} ${blob.digest}`, () => this.#repository.hasBlob(blob, options));
  }

  async *tags(options?: RequestOptions): AsyncGenerator<string[]> {
    yield await this.#answers.get(`t ${this.name}`, async () => {
      const tags: string[] = [];
      for await (const page of this.#repository.tags(options)) {
        tags.push(...page);
      }
      return tags;
    });
  }

  fetchBlob(): Promise<never> {
    return refuseToWrite();
  }

  referrers(subject: string, options?: RequestOptions): Promise<ReferrerList> {
    return this.#answers.get(`f ${this.name} ${subject}`, () => this.#repository.referrers(subject, options));
  }

  addReferrers(): Promise<void> {
    return refuseToWrite();
  }

  pushManifest(): Promise<PushedManifest> {
    return refuseToWrite();
  }

  deleteManifest(): Promise<void> {
    return refuseToWrite();
  }

  openUpload(): Promise<OpenedUpload> {
    return refuseToWrite();
  }
}

/** Answers that came; a failure is nobody's answer and is asked for again. */
class Answers {
  readonly manifests = new ManifestCache();
  readonly #answers = new Map<string, unknown>();

  async get<T>(key: string, ask: () => Promise<T>): Promise<T> {
    if (this.#answers.has(key)) {
      return this.#answers.get(key) as T;
    }
    const answer = await ask();
    this.#answers.set(key, answer);
    const oldest = this.#answers.size > MAX_ANSWERS ? this.#answers.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#answers.delete(oldest);
    }
    return answer;
  }
}

function refuseToWrite(): Promise<never> {
  return Promise.reject(new Error("a remembered registry is only asked for names and manifests"));
}
