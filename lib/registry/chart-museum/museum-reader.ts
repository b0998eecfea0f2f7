import { bareUrl } from "../address.ts";
import { BlobContent } from "../blob-content.ts";
import type { Call } from "../call.ts";
import type { Descriptor } from "../descriptor.ts";
import type { Content, RequestOptions } from "../repository.ts";
import type { Transport } from "../transport.ts";
import { Verifier } from "../verify.ts";
import { refuseWebPage } from "../web-page.ts";
import { type Archive, readArchive } from "./archive.ts";
import { ByteCache } from "./byte-cache.ts";
import { type ChartMetadata, chartMetadata } from "./chart-config.ts";
import { chartTooLarge, unreadableChart } from "./chart-error.ts";
import { type ChartEntry, type ChartIndex, MAX_INDEX_BYTES, readIndex } from "./chart-index.ts";
import { type ChartContent, chartContent } from "./chart-manifest.ts";
import { yamlReader } from "./yaml.ts";

const MAX_PROVENANCE_BYTES = 1024 * 1024;

interface Packed {
  archive: Archive;
  metadata: ChartMetadata;
}

/**
 * What is in an archive follows from its digest, whichever repository it was read from: a chart that stands at both ends is
 * read once. In memory, for the process.
 */
const packedCharts = new ByteCache<Packed>(8 * 1024 * 1024);

/** Reads the index and the charts of one chart repository. Credentials go to its own origin only; see transport.ts. */
export class MuseumReader {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * `index.yaml` of the repository at this address.
   * @returns null when there is none (404)
   * @throws {ContentError} UNREADABLE_CHART, WEB_PAGE
   */
  async index(repository: URL, options: RequestOptions): Promise<ChartIndex | null> {
    const bytes = await this.#whole(new URL("index.yaml", repository), [200, 404], MAX_INDEX_BYTES, options);
    return bytes && (await readIndex(bytes, repository));
  }

  /**
   * A version as an OCI registry would hold it. Reads the archive unless it is known, and asks for its provenance.
   * @throws {ContentError} UNREADABLE_CHART when the archive is not the one that the index names, or is not there
   */
  async content(entry: ChartEntry, options: RequestOptions): Promise<ChartContent> {
    if (entry.problem) {
      throw entry.problem;
    }
    const [{ archive, metadata }, provenance] = await Promise.all([
      this.#packed(entry, options),
      this.#provenance(entry, options),
    ]);
    if (metadata.name !== entry.name || metadata.version !== entry.version) {
      const actual = `${metadata.name} ${metadata.version}`;
      throw unreadableChart(`a packaged chart of ${entry.name} ${entry.version}`, actual);
    }
    return chartContent(archive, metadata, provenance);
  }

  /** The archive again, to be copied: verified on the way, read on by Range where it breaks. */
  async archive(entry: ChartEntry, layer: Descriptor, { signal }: RequestOptions): Promise<Content> {
    const open = (from: number) =>
      this.#transport.open({
        ...this.#get(entry.url, from > 0 ? [200, 206] : [200], { signal }),
        headers: { "accept-encoding": "identity", ...(from > 0 ? { range: `bytes=${from}-` } : {}) },
      });
    const verifier = new Verifier(layer);
    const backoffMs = (retry: number) => this.#transport.retries.backoffMs(retry);
    return new BlobContent({ blob: layer, signal, open, backoffMs }, verifier, await open(0));
  }

  async #packed(entry: ChartEntry, options: RequestOptions): Promise<Packed> {
    const known = entry.digest && packedCharts.get(entry.digest);
    if (known) {
      return known;
    }
    let packed = await this.#read(entry, options);
    if (entry.digest !== null && packed.archive.digest !== entry.digest) {
      // Damaged on the way, or another one than the index says: a second reading tells.
      packed = await this.#read(entry, options);
    }
    const { archive, metadata } = packed;
    if (entry.digest !== null && archive.digest !== entry.digest) {
      const named = `${entry.name} ${entry.version} with the digest that the index names, ${entry.digest}`;
      throw unreadableChart(named, archive.digest);
    }
    packedCharts.set(archive.digest, packed, archive.chartFile.text.length + 512);
    return { archive, metadata };
  }

  async #read(entry: ChartEntry, options: RequestOptions): Promise<Packed> {
    const what = `${entry.name} ${entry.version}`;
    const archive = await this.#transport.call(this.#get(entry.url, [200, 404], options), async (answer) => {
      if (answer.status === 404) {
        throw unreadableChart(`an archive of ${what} where the index says`, `404 at ${bareUrl(answer.url)}`);
      }
      await refuseWebPage(answer, "a packaged chart");
      return readArchive(answer.body, what);
    });
    const read = await yamlReader();
    let chartFile: unknown;
    try {
      chartFile = read(archive.chartFile.text);
    } catch (cause) {
      throw unreadableChart(`a Chart.yaml of ${what}`, "something that is no YAML", cause);
    }
    return { archive, metadata: chartMetadata(chartFile, what) };
  }

  /** Whether a version has a provenance. */
  async isSigned(entry: ChartEntry, options: RequestOptions): Promise<boolean> {
    return (await this.#provenance(entry, options)) !== null;
  }

  /** Missing is no error: most charts are not signed (T43). */
  async #provenance(entry: ChartEntry, options: RequestOptions): Promise<Uint8Array | null> {
    const url = new URL(entry.url);
    url.pathname += ".prov";
    return this.#whole(url, [200, 404], MAX_PROVENANCE_BYTES, options);
  }

  #whole(
    url: URL,
    expect: readonly number[],
    limitBytes: number,
    options: RequestOptions,
  ): Promise<Uint8Array | null> {
    return this.#transport.call(this.#get(url.href, expect, options), async (answer) => {
      if (answer.status === 404) {
        return null;
      }
      const name = url.pathname.split("/").at(-1) ?? "";
      await refuseWebPage(answer, name);
      return answer.body.bytes(limitBytes, () => chartTooLarge(name, limitBytes));
    });
  }

  #get(url: string, expect: readonly number[], { signal }: RequestOptions): Call {
    const headers = { "accept-encoding": "identity" };
    return { method: "GET", to: new URL(url), scopes: [], headers, expect, signal };
  }
}
