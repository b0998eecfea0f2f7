import type { Descriptor } from "./descriptor.ts";
import type { Patience } from "./patience.ts";
import type { ChunkSizes } from "./upload-habits.ts";

/**
 * Bytes on their way: chunks as they arrive. The consumer pulls, so back-pressure reaches the sender. Whoever does not
 * read to the end calls `return` of the iterator or aborts the signal; the connection stays open otherwise.
 * A chunk of a blob that was handed to an upload is emptied once it is sent (see spent.ts): do not keep it.
 */
export type Content = AsyncIterable<Uint8Array>;

export interface Manifest {
  /** mediaType from the body where it names one, else from Content-Type without parameters; digest hashed by us. */
  descriptor: Descriptor;
  /** The bytes as received. They are never re-serialised. */
  bytes: Uint8Array;
}

/**
 * One repository of one registry: storage is fetch, exists and push, nothing else.
 * `remote-repository.ts` speaks HTTP, `memory-repository.ts` holds maps; a copy is a walk over two of these.
 * Every method takes an AbortSignal through the repository's own construction or its options; every wait is bounded.
 */
export interface Repository {
  /** Path of the repository, e.g. `team/app`. */
  readonly name: string;

  /**
   * The descriptor a tag or digest names now: HEAD, or GET where the answer to HEAD lacks digest or size.
   * @returns `options.known` itself where the registry said no more than that it is still that; null when the registry does not know
   *   it (404; also NAME_UNKNOWN)
   */
  resolve(reference: string, options?: ResolveOptions): Promise<Descriptor | null>;

  /**
   * Reads a manifest and checks its digest and size (limit: 4 MiB).
   * @returns `options.known` itself where the registry said no more than that it is still that
   * @throws {ContentError} DIGEST_MISMATCH, MANIFEST_TOO_LARGE
   * @throws {RegistryError} MANIFEST_UNKNOWN
   */
  fetchManifest(reference: string, options?: FetchOptions): Promise<Manifest>;

  /**
   * Streams a blob. Digest and size are verified while streaming: the last chunk is handed out only when both are right.
   * A broken read goes on by Range. `from`: only what follows so many bytes, of which the length alone can be verified.
   * @throws {ContentError} DIGEST_MISMATCH, SIZE_MISMATCH
   */
  fetchBlob(blob: Descriptor, options?: RequestOptions & { from?: number | undefined }): Promise<Content>;

  /** HEAD of a blob. */
  hasBlob(blob: Descriptor, options?: RequestOptions): Promise<boolean>;

  /**
   * Sends a manifest byte for byte, by digest, or to `tag` when one is given.
   * @throws {RegistryError} MANIFEST_BLOB_UNKNOWN when the target lacks something it names
   * @throws {ContentError} DIGEST_MISMATCH when the registry names another digest in its answer
   */
  pushManifest(manifest: Manifest, options?: PushOptions): Promise<PushedManifest>;

  /**
   * Manifests whose subject this is: asked of the referrers API, and where the registry lacks it of the tag schema.
   * Nothing vouches for them but the registry: whoever copies one checks its `subject`.
   * @throws {ContentError} UNREADABLE_MANIFEST for a list with something else than descriptors, or without an end
   */
  referrers(subject: string, options?: ReferrersOptions): Promise<ReferrerList>;

  /**
   * Adds referrers to the list that the tag schema keeps, for a registry that does not keep one by itself. What stands there
   * stays; additions of this process to one subject wait for each other, those of others are read immediately before.
   * @throws {ContentError} UNREADABLE_MANIFEST when something else has the tag of the list
   */
  addReferrers(subject: string, referrers: readonly Descriptor[], options?: AddOptions): Promise<void>;

  /**
   * Deletes a tag, where the registry can; by digest a manifest with every tag that names it. What is not there is deleted.
   * Nothing can take it back, so `beforeSending` is asked again before each try.
   * @throws {RegistryError} 400 or 405 where the registry does not delete, or not by tag
   */
  deleteManifest(reference: string, options?: DeleteOptions): Promise<void>;

  /**
   * Opens an upload. With `mountFrom`, asks the registry to take the blob from another of its repositories first
   * (distribution-spec v1.1.1, "Mounting a blob from another repository"): 201 is `mounted`, 202 an open upload.
   * `mountFrom` may be this very repository: then 201 says that the blob stands here already, which spares the HEAD
   * before each upload (2.8.3 answers so). With `begun`, an upload that the registry still knows is opened again instead.
   */
  openUpload(blob: Descriptor, options?: UploadOptions): Promise<OpenedUpload>;

  /** Gives an upload back that somebody began and nobody goes on with. Never throws. Left out where none outlives its client. */
  cancelUpload?(state: UploadState): Promise<void>;

  /** Every tag, page by page as the registry sends them (Link). An unknown repository has none. */
  tags(options?: TagsOptions): AsyncIterable<string[]>;
}

export type OpenedUpload = { kind: "mounted" } | { kind: "upload"; upload: Upload };

/** An upload session at the registry. It is finished by `send` or given back by `cancel`. */
export interface Upload {
  /** Bytes of the blob that the registry has: the content to send begins there. */
  readonly received: number;
  /** Why `send` failed: a request may not be as large as this one was. Sent once more, the blob goes in smaller ones (T25). */
  readonly tooMuchAtOnce?: boolean;
  /**
   * Streams what is missing of the blob: as one PUT (end-6), or a large one in chunks (end-5), each of which is tried again
   * where the registry says it ended. The content is given up when it fails; an error of the content itself is thrown as it is.
   * Never sent twice: after an error open another upload, or this one once more, with content read anew.
   * @param onKept after each chunk: from here the upload can be gone on with, by whoever knows this
   * @throws {RegistryError} DIGEST_INVALID; BLOB_UPLOAD_UNKNOWN or BLOB_UPLOAD_INVALID when the session is gone
   * @throws {ContentError} DIGEST_MISMATCH when the registry says that it stored something else
   */
  send(content: Content, onKept?: (state: UploadState) => void): Promise<void>;
  /** DELETE of the session (end-14 of the draft; servers that lack it are ignored). Never throws. */
  cancel(): Promise<void>;
}

/** Where an upload can be gone on with. A secret: the URL lets whoever has it write into the upload. */
export interface UploadState {
  url: string;
  /** Bytes that the registry acknowledged. */
  received: number;
}

export interface RequestOptions {
  signal?: AbortSignal | undefined;
}

export interface ResolveOptions extends RequestOptions {
  /**
   * What the reference is expected to name. The registry may then answer that it does (304) without a look at the manifest, which
   * spares it some of the work, and does not say whether the manifest is still there: for a source that was read before.
   */
  known?: Descriptor | undefined;
}

export interface FetchOptions extends RequestOptions {
  /** What the reference is likely to name: see `ResolveOptions.known`. */
  known?: Manifest | undefined;
}

export interface TagsOptions extends RequestOptions {
  /** Only tags behind this one are wanted. It is a wish: who does not know how sends all. */
  after?: string | undefined;
}

export interface PushedManifest {
  /**
   * `OCI-Subject`: the registry has noted whom the manifest refers to. null: it has not, or there is nobody; undefined: the
   * answer was lost on its way.
   */
  subject: string | null | undefined;
}

/** OCI distribution-spec v1.1.1, "Listing Referrers". */
export interface ReferrerList {
  via: "api" | "tag-schema";
  referrers: Descriptor[];
}

export interface ReferrersOptions extends RequestOptions {
  /** Whether the tag list names the tag schema's tag of this subject; undefined: it was not read. Spares a request. */
  tagListed?: boolean | undefined;
}

export interface AddOptions extends RequestOptions {
  /** Asked immediately before the list is written; throws when it is somebody else's to write by now. */
  beforeTag?: (() => Promise<void>) | undefined;
}

export interface UploadOptions extends RequestOptions {
  mountFrom?: string | undefined;
  begun?: UploadState | undefined;
}

/** `beforeSending` has the last word immediately before each request: when it throws, nothing is sent. */
export interface DeleteOptions extends RequestOptions {
  beforeSending?: (() => Promise<void>) | undefined;
}

export interface PushOptions extends DeleteOptions {
  tag?: string | undefined;
}

/** A registry as a whole. */
export interface Registry {
  /** Origin, e.g. `https://registry.example.com`. */
  readonly origin: string;
  repository(name: string): Repository;
  /**
   * Names of repositories, page by page. `namespace` narrows the listing where the vendor can; the caller still filters.
   * @throws {RegistryError} UNSUPPORTED or 401/403/404 where the registry cannot list
   */
  repositories(options?: RequestOptions & { namespace?: string | undefined }): AsyncIterable<string[]>;
  /** Makes sure a push to this namespace can work; a no-op where the registry creates them by itself. */
  ensureNamespace(namespace: string, options?: RequestOptions): Promise<void>;
  /** Authenticates and lists: a 200 on /v2/ alone proves nothing. */
  check(options?: RequestOptions): Promise<RegistryCheck>;
  /** What it can do, as far as reading tells: nothing is written. */
  capabilities(options?: RequestOptions): Promise<RegistryCapabilities>;
  /** Requests sent so far, retries and token requests included. */
  readonly requests: number;
  /** The quickest answer so far, ms from the question; undefined before the first, or where nobody measures. */
  readonly quickestMs?: number | undefined;
  /** So many requests will come at once. Where it is far away, or nobody knows yet, connections for them are opened meanwhile. */
  dialAhead?(requests: number): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

export interface RegistryCheck {
  authentication: "anonymous" | "basic" | "token";
  canList: boolean;
  /** Repositories on the first page. */
  repositoriesSeen: number;
  latencyMs: number;
}

/** `null`: not to be told without writing, or kept from us. */
export interface RegistryCapabilities {
  /** What it calls itself: `Harbor 2.13.1`. */
  software: string | null;
  /** Lists its repositories (`/v2/_catalog`). */
  list: boolean | null;
  /** OCI distribution-spec v1.1.1, "Listing Referrers". */
  referrers: boolean | null;
  delete: boolean | null;
  /** Accepts an upload in chunks (`PATCH` with `Content-Range`). */
  chunk: boolean | null;
}

/** How to reach a registry. */
export interface RegistryOptions {
  /** `https://host[:port]` or, with `plainHttp`, `http://host[:port]`. */
  address: string;
  vendor: "distribution" | "generic";
  username?: string | undefined;
  password?: string | undefined;
  /** PEM; trusted beside the system's roots, for this registry only. */
  caCertificate?: string | undefined;
  plainHttp: boolean;
  /** Which addresses may be dialled. The CLI passes `allowAll`: the operator chose them. */
  egress: EgressRule;
  /** Connections are opened before they are needed: one at once, and more where that took long. Default no. */
  dialAhead?: boolean | undefined;
  /** Requests at once, default 32 (peers.md: more gains nothing). */
  concurrency?: number | undefined;
  /** Times a request that may be repeated is asked again, default 8. Whoever tries again later himself asks for fewer. */
  retries?: number | undefined;
  /** Other bounds on waiting than those of `PATIENCE`. */
  patience?: Partial<Patience> | undefined;
  /** Other sizes of chunks than `CHUNK_SIZES`. */
  chunks?: Partial<ChunkSizes> | undefined;
  /** Called when a registry asks to wait (429 or Retry-After) and when the wait is over (null). */
  onWait?: ((wait: { untilMs: number; reason: "rate-limit" | "backoff" } | null) => void) | undefined;
}

/** Decides on the connected address, not on the name. */
export interface EgressRule {
  /** True when this IP address (v4 or v6, textual) may be dialled. */
  allows(ip: string): boolean;
}
