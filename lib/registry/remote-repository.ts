import { fetchBlob, hasBlob } from "./blobs.ts";
import { deleteManifest } from "./delete-manifest.ts";
import type { Descriptor } from "./descriptor.ts";
import { RegistryError } from "./errors.ts";
import { fetchManifest, resolveManifest } from "./manifests.ts";
import { pushManifest } from "./push-manifest.ts";
import { isRepositoryName } from "./reference.ts";
import { listReferrers } from "./referrers.ts";
import { addToReferrersTag } from "./referrers-tag.ts";
import type {
  AddOptions,
  Content,
  DeleteOptions,
  FetchOptions,
  Manifest,
  OpenedUpload,
  PushedManifest,
  PushOptions,
  ReferrerList,
  ReferrersOptions,
  Repository,
  RequestOptions,
  ResolveOptions,
  TagsOptions,
  UploadOptions,
  UploadState,
} from "./repository.ts";
import { listTags } from "./tags.ts";
import type { Transport } from "./transport.ts";
import type { UploadHabits } from "./upload-habits.ts";
import { cancelUpload, openUpload } from "./uploads.ts";

/** A repository reached over HTTP: each verb is a function of its own file. */
export class RemoteRepository implements Repository {
  readonly name: string;
  readonly #transport: Transport;
  readonly #uploads: UploadHabits;

  /** @throws {RegistryError} NAME_INVALID without asking: what breaks the grammar must not become part of a URL */
  constructor(transport: Transport, name: string, uploads: UploadHabits) {
    if (!isRepositoryName(name)) {
      const detail = `not asked: ${JSON.stringify(name.slice(0, 255))} is no name of a repository`;
      const url = `${transport.origin.origin}/v2/`;
      throw new RegistryError({ code: "NAME_INVALID", status: 400, method: "GET", url, detail });
    }
    this.name = name;
    this.#transport = transport;
    this.#uploads = uploads;
  }

  resolve(reference: string, options: ResolveOptions = {}): Promise<Descriptor | null> {
    return resolveManifest(this.#transport, this.name, reference, options);
  }

  fetchManifest(reference: string, options: FetchOptions = {}): Promise<Manifest> {
    return fetchManifest(this.#transport, this.name, reference, options);
  }

  fetchBlob(
    blob: Descriptor,
    options: RequestOptions & { from?: number | undefined } = {},
  ): Promise<Content> {
    const request = { transport: this.#transport, repository: this.name, blob, signal: options.signal };
    return fetchBlob(request, options.from);
  }

  hasBlob(blob: Descriptor, options: RequestOptions = {}): Promise<boolean> {
    return hasBlob({ transport: this.#transport, repository: this.name, blob, signal: options.signal });
  }

  pushManifest(manifest: Manifest, options: PushOptions = {}): Promise<PushedManifest> {
    return pushManifest(this.#transport, this.name, manifest, options);
  }

  referrers(subject: string, options: ReferrersOptions = {}): Promise<ReferrerList> {
    return listReferrers(this.#transport, this.name, subject, options);
  }

  addReferrers(subject: string, referrers: readonly Descriptor[], options: AddOptions = {}): Promise<void> {
    return addToReferrersTag(this.#transport, this.name, { subject, referrers }, options);
  }

  deleteManifest(reference: string, options: DeleteOptions = {}): Promise<void> {
    return deleteManifest(this.#transport, this.name, reference, options);
  }

  openUpload(blob: Descriptor, options: UploadOptions = {}): Promise<OpenedUpload> {
    const { signal } = options;
    const request = { transport: this.#transport, repository: this.name, blob, signal };
    return openUpload({ ...request, habits: this.#uploads }, options);
  }

  cancelUpload({ url }: UploadState): Promise<void> {
    return cancelUpload(this.#transport, this.name, url);
  }

  tags(options: TagsOptions = {}): AsyncIterable<string[]> {
    return listTags(this.#transport, this.name, options);
  }
}
