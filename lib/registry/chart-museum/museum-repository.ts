import type { Descriptor } from "../descriptor.ts";
import { isDigest } from "../digest.ts";
import type { RegistryError, RegistryErrorCode } from "../errors.ts";
import type {
  Content,
  Manifest,
  OpenedUpload,
  PushedManifest,
  ReferrerList,
  Repository,
  RequestOptions,
} from "../repository.ts";
import { verified } from "../verify.ts";
import { MAX_ARCHIVE_BYTES } from "./archive.ts";
import { chartTooLarge } from "./chart-error.ts";
import type { ChartEntry } from "./chart-index.ts";
import type { ChartContent } from "./chart-manifest.ts";
import { type ChartPlace, type Museum, pushChart, refusal } from "./push-chart.ts";
import type { Snapshot } from "./snapshots.ts";

/**
 * One chart of a chart repository, seen as a repository of a registry: a version is a tag, a packaged chart is the manifest that
 * `helm push` would have made of it. What is pushed is gathered until its manifest comes, and sent as the archive it is.
 */
export class MuseumRepository implements Repository {
  readonly name: string;
  readonly #place: ChartPlace;

  constructor(museum: Museum, name: string) {
    const slash = name.lastIndexOf("/");
    this.name = name;
    const address = museum.addressOf(name.slice(0, Math.max(slash, 0)));
    this.#place = { museum, chart: name.slice(slash + 1), address };
  }

  async resolve(reference: string, options: RequestOptions = {}): Promise<Descriptor | null> {
    const found = isDigest(reference)
      ? await this.#byDigest(reference, options)
      : await this.#byTag(reference, options);
    return found?.content.manifest.descriptor ?? null;
  }

  async fetchManifest(reference: string, options: RequestOptions = {}): Promise<Manifest> {
    const found = isDigest(reference)
      ? await this.#byDigest(reference, options)
      : await this.#byTag(reference, options);
    return found?.content.manifest ?? this.#missing("MANIFEST_UNKNOWN", `${this.name} ${reference}`);
  }

  async fetchBlob(
    blob: Descriptor,
    options: RequestOptions & { from?: number | undefined } = {},
  ): Promise<Content> {
    const whole = await this.#wholeBlob(blob, options);
    return options.from ? behind(whole, options.from) : whole;
  }

  async #wholeBlob(blob: Descriptor, options: RequestOptions): Promise<Content> {
    for await (const { entry, content } of this.#contents(blob.digest, options)) {
      if (content.layer.digest === blob.digest) {
        return this.#place.museum.reader.archive(entry, blob, options);
      }
      const small = [content.config, content.provenance].find(
        (piece) => piece?.descriptor.digest === blob.digest,
      );
      if (small) {
        return verified(once(small.bytes), blob);
      }
    }
    return this.#missing("BLOB_UNKNOWN", `${this.name} ${blob.digest}`);
  }

  async hasBlob(blob: Descriptor): Promise<boolean> {
    return this.#place.museum.gathered.get(blob.digest) !== undefined;
  }

  async *tags(options: RequestOptions = {}): AsyncGenerator<string[]> {
    const { index } = await this.#snapshot(options);
    yield [...(index.charts.get(this.#place.chart)?.keys() ?? [])];
  }

  async openUpload(blob: Descriptor, options: RequestOptions = {}): Promise<OpenedUpload> {
    options.signal?.throwIfAborted();
    if (this.#place.museum.gathered.get(blob.digest)) {
      return { kind: "mounted" };
    }
    if (blob.size > MAX_ARCHIVE_BYTES) {
      throw chartTooLarge("an archive", MAX_ARCHIVE_BYTES);
    }
    const send = async (content: Content): Promise<void> => {
      const bytes = new Uint8Array(blob.size);
      let at = 0;
      // More than there is room for is refused before it comes here.
      for await (const chunk of verified(content, blob)) {
        bytes.set(chunk, at);
        at += chunk.byteLength;
      }
      this.#place.museum.gathered.set(blob.digest, bytes);
    };
    const upload = { received: 0, send, cancel: async () => undefined };
    return { kind: "upload", upload };
  }

  async pushManifest(
    manifest: Manifest,
    options: RequestOptions & { tag?: string | undefined } = {},
  ): Promise<PushedManifest> {
    await pushChart(this.#place, manifest, options);
    return { subject: null };
  }

  /** Signed is what has a provenance, and that belongs to the chart: nothing refers to it. */
  async referrers(): Promise<ReferrerList> {
    return { via: "tag-schema", referrers: [] };
  }

  async addReferrers(): Promise<void> {
    throw this.#error("UNSUPPORTED", {
      status: 405,
      method: "POST",
      detail: "nothing refers to a chart here",
    });
  }

  async deleteManifest(): Promise<void> {
    throw this.#error("UNSUPPORTED", { status: 405, method: "DELETE", detail: "charts are not deleted" });
  }

  #snapshot(options: RequestOptions): Promise<Snapshot> {
    return this.#place.museum.snapshots.get(this.#place.address, options);
  }

  async #byTag(tag: string, options: RequestOptions): Promise<Found | null> {
    const snapshot = await this.#snapshot(options);
    const entry = snapshot.index.charts.get(this.#place.chart)?.get(tag);
    return entry ? this.#find(snapshot, entry, options) : null;
  }

  async #byDigest(digest: string, options: RequestOptions): Promise<Found | null> {
    for await (const found of this.#contents(digest, options)) {
      if (found.content.manifest.descriptor.digest === digest) {
        return found;
      }
    }
    return null;
  }

  /**
   * Every version: the one in which this digest was found before comes first, then those that were looked into already; the others
   * are read one by one.
   */
  async *#contents(digest: string, options: RequestOptions): AsyncGenerator<Found> {
    const snapshot = await this.#snapshot(options);
    const versions = [...(snapshot.index.charts.get(this.#place.chart)?.values() ?? [])];
    const before = this.#place.museum.versions.get(this.#keyOf(digest));
    const remembered = versions.find(({ version, problem }) => version === before && problem === null);
    if (remembered) {
      yield await this.#find(snapshot, remembered, options);
    }
    const entries = versions.filter((entry) => entry !== remembered && entry.problem === null);
    for (const entry of entries) {
      const content = snapshot.known(entry);
      if (content) {
        yield { entry, content };
      }
    }
    for (const entry of entries) {
      if (!snapshot.known(entry)) {
        yield await this.#find(snapshot, entry, options);
      }
    }
  }

  async #find(snapshot: Snapshot, entry: ChartEntry, options: RequestOptions): Promise<Found> {
    const { museum } = this.#place;
    const content = await snapshot.content(entry, () => museum.reader.content(entry, options));
    for (const { digest } of descriptorsOf(content)) {
      museum.versions.set(this.#keyOf(digest), entry.version, VERSION_BYTES);
    }
    return { entry, content };
  }

  #keyOf(digest: string): string {
    return `${this.#place.address.href} ${this.#place.chart} ${digest}`;
  }

  #missing(code: "MANIFEST_UNKNOWN" | "BLOB_UNKNOWN", what: string): never {
    throw this.#error(code, { status: 404, method: "GET", detail: `the index does not name ${what}` });
  }

  #error(code: RegistryErrorCode, fields: { status: number; method: string; detail: string }): RegistryError {
    return refusal(this.#place, code, fields);
  }
}

/**
 * Whether a repository keeps an artifact as one file, as a chart repository does: of its parts only reading tells, and they are
 * sent together.
 */
export function keepsWholes(repository: Repository): boolean {
  return repository instanceof MuseumRepository;
}

/** What remembering one digest takes, about. */
const VERSION_BYTES = 320;

function descriptorsOf({ manifest, layer, config, provenance }: ChartContent): Descriptor[] {
  const pieces = [manifest, config, ...(provenance ? [provenance] : [])];
  return [layer, ...pieces.map(({ descriptor }) => descriptor)];
}

interface Found {
  entry: ChartEntry;
  content: ChartContent;
}

async function* behind(content: Content, from: number): AsyncGenerator<Uint8Array> {
  let skip = from;
  for await (const chunk of content) {
    const passed = Math.min(skip, chunk.byteLength);
    skip -= passed;
    if (passed < chunk.byteLength) {
      yield chunk.subarray(passed);
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
