import type { Descriptor } from "./descriptor.ts";
import { referrersTag } from "./digest-tag.ts";
import { RegistryError, type RegistryErrorCode } from "./errors.ts";
import { isForeignLayer, isManifest } from "./media-types.ts";
import { chunks, pages } from "./portions.ts";
import { referrerDescriptor, subjectOf } from "./referrer.ts";
import { mergedIndex } from "./referrers-tag.ts";
import type {
  AddOptions,
  Content,
  DeleteOptions,
  Manifest,
  OpenedUpload,
  PushedManifest,
  PushOptions,
  ReferrerList,
  Registry,
  RegistryCapabilities,
  RegistryCheck,
  Repository,
  RequestOptions,
  ResolveOptions,
  TagsOptions,
} from "./repository.ts";
import { successors } from "./successors.ts";
import { digestOf, verified } from "./verify.ts";

/** A registry in memory, with the semantics of a strict server: nothing may be pushed before what it names. */
export class MemoryRegistry implements Registry {
  readonly origin: string;
  /** Whether it has the referrers API, which was new in OCI 1.1. */
  readonly referrersApi: boolean;
  /** Whether an index may name manifests that are not there. */
  readonly sparseIndexes: boolean;
  readonly #repositories = new Map<string, MemoryRepository>();
  #requests = 0;

  constructor(origin = "memory://registry", { referrersApi = false, sparseIndexes = false } = {}) {
    this.origin = origin;
    this.referrersApi = referrersApi;
    this.sparseIndexes = sparseIndexes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Counts one request. Called by the repositories. */
  count(): void {
    this.#requests += 1;
  }

  repository(name: string): MemoryRepository {
    const known = this.#repositories.get(name);
    if (known) {
      return known;
    }
    const made = new MemoryRepository(name, this);
    this.#repositories.set(name, made);
    return made;
  }

  async *repositories(
    options: RequestOptions & { namespace?: string | undefined } = {},
  ): AsyncGenerator<string[]> {
    const filled = [...this.#repositories.values()].filter((repository) => repository.manifests.size > 0);
    yield* pages(filled.map((repository) => repository.name).sort(), () => this.arrive(options));
  }

  async ensureNamespace(): Promise<void> {}

  async check(options: RequestOptions = {}): Promise<RegistryCheck> {
    this.arrive(options);
    const filled = [...this.#repositories.values()].filter((repository) => repository.manifests.size > 0);
    return { authentication: "anonymous", canList: true, repositoriesSeen: filled.length, latencyMs: 0 };
  }

  async capabilities(options: RequestOptions = {}): Promise<RegistryCapabilities> {
    this.arrive(options);
    return { software: null, list: true, referrers: this.referrersApi, delete: null, chunk: null };
  }

  async close(): Promise<void> {}

  /** A request arrives: it is counted, unless its caller has given up. */
  arrive(options: RequestOptions): void {
    options.signal?.throwIfAborted();
    this.count();
  }
}

/** One repository in memory. `pushed` tells tests what arrived in which order. */
export class MemoryRepository implements Repository {
  readonly name: string;
  readonly blobs = new Map<string, Uint8Array>();
  readonly manifests = new Map<string, Manifest>();
  readonly tagged = new Map<string, string>();
  /** Digests of blobs and manifests, and tags, in the order in which they were pushed. */
  readonly pushed: string[] = [];
  readonly #registry: MemoryRegistry;

  constructor(name = "repository", registry: MemoryRegistry = new MemoryRegistry()) {
    this.name = name;
    this.#registry = registry;
  }

  async resolve(reference: string, options: ResolveOptions = {}): Promise<Descriptor | null> {
    this.#registry.arrive(options);
    return this.#find(reference)?.descriptor ?? null;
  }

  async fetchManifest(reference: string, options: RequestOptions = {}): Promise<Manifest> {
    this.#registry.arrive(options);
    return this.#find(reference) ?? this.#refuse("MANIFEST_UNKNOWN", 404, "GET", `manifests/${reference}`);
  }

  async fetchBlob(
    blob: Descriptor,
    options: RequestOptions & { from?: number | undefined } = {},
  ): Promise<Content> {
    this.#registry.arrive(options);
    const bytes =
      this.blobs.get(blob.digest) ?? this.#refuse("BLOB_UNKNOWN", 404, "GET", `blobs/${blob.digest}`);
    return options.from
      ? chunks(bytes.subarray(options.from), options.signal)
      : verified(chunks(bytes, options.signal), blob);
  }

  async hasBlob(blob: Descriptor, options: RequestOptions = {}): Promise<boolean> {
    this.#registry.arrive(options);
    return this.blobs.has(blob.digest);
  }

  async pushManifest(manifest: Manifest, options: PushOptions = {}): Promise<PushedManifest> {
    await options.beforeSending?.();
    this.#registry.arrive(options);
    const { digest } = manifest.descriptor;
    const absent = successors(manifest).find((child) => !this.#holds(child));
    if (absent) {
      this.#refuse("MANIFEST_BLOB_UNKNOWN", 404, "PUT", `manifests/${options.tag ?? digest}`, absent.digest);
    }
    this.manifests.set(digest, manifest);
    this.pushed.push(digest);
    if (options.tag !== undefined) {
      this.tagged.set(options.tag, digest);
      this.pushed.push(options.tag);
    }
    return { subject: this.#registry.referrersApi ? subjectOf(manifest) : null };
  }

  async referrers(subject: string, options: RequestOptions = {}): Promise<ReferrerList> {
    this.#registry.arrive(options);
    if (!this.#registry.referrersApi) {
      const index = this.#find(referrersTag(subject));
      return { via: "tag-schema", referrers: index ? successors(index) : [] };
    }
    const all = [...this.manifests.values()].filter((manifest) => subjectOf(manifest) === subject);
    return { via: "api", referrers: all.map(referrerDescriptor) };
  }

  async addReferrers(
    subject: string,
    referrers: readonly Descriptor[],
    options: AddOptions = {},
  ): Promise<void> {
    const tag = referrersTag(subject);
    const merged = mergedIndex(this.#find(tag) ?? null, referrers, tag);
    if (merged) {
      await options.beforeTag?.();
      await this.pushManifest(merged, { ...options, tag });
    }
  }

  async deleteManifest(reference: string, options: DeleteOptions = {}): Promise<void> {
    await options.beforeSending?.();
    this.#registry.arrive(options);
    if (!this.tagged.delete(reference)) {
      this.manifests.delete(reference);
      for (const [tag] of [...this.tagged].filter(([, digest]) => digest === reference)) {
        this.tagged.delete(tag);
      }
    }
  }

  async openUpload(
    blob: Descriptor,
    options: RequestOptions & { mountFrom?: string | undefined } = {},
  ): Promise<OpenedUpload> {
    this.#registry.arrive(options);
    const mountable =
      options.mountFrom === undefined
        ? undefined
        : this.#registry.repository(options.mountFrom).blobs.get(blob.digest);
    if (mountable) {
      this.blobs.set(blob.digest, mountable);
      this.pushed.push(blob.digest);
      return { kind: "mounted" };
    }
    const send = async (content: Content): Promise<void> => {
      this.#registry.arrive(options);
      const received: Uint8Array[] = [];
      for await (const chunk of verified(content, blob)) {
        options.signal?.throwIfAborted();
        received.push(Uint8Array.from(chunk));
      }
      this.blobs.set(blob.digest, Buffer.concat(received));
      this.pushed.push(blob.digest);
    };
    return { kind: "upload", upload: { received: 0, send, cancel: async () => this.#registry.count() } };
  }

  tags(options: TagsOptions = {}): AsyncIterable<string[]> {
    const { after = "" } = options;
    const names = [...this.tagged.keys()].filter((name) => name > after).sort();
    return pages(names, () => this.#registry.arrive(options));
  }

  /** Puts a blob in place, as a test's starting point: nothing is counted, nothing appears in `pushed`. */
  putBlob(bytes: Uint8Array, mediaType = "application/octet-stream"): Descriptor {
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  }

  /** Puts a manifest in place, as a test's starting point. Its children are not asked for. */
  putManifest(body: Record<string, unknown> & { mediaType: string }, tag?: string): Descriptor {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const descriptor = { mediaType: body.mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    this.manifests.set(descriptor.digest, { descriptor, bytes });
    if (tag !== undefined) {
      this.tagged.set(tag, descriptor.digest);
    }
    return descriptor;
  }

  #find(reference: string): Manifest | undefined {
    return this.manifests.get(this.tagged.get(reference) ?? reference);
  }

  #holds(child: Descriptor): boolean {
    return (
      isForeignLayer(child.mediaType) ||
      (isManifest(child.mediaType) && this.#registry.sparseIndexes) ||
      (isManifest(child.mediaType) ? this.manifests.has(child.digest) : this.blobs.has(child.digest))
    );
  }

  #refuse(code: RegistryErrorCode, status: number, method: string, ...[path, detail = ""]: string[]): never {
    const url = `${this.#registry.origin}/v2/${this.name}/${path}`;
    throw new RegistryError({ code, status, method, url, detail });
  }
}
