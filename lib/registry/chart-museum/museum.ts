import { RegistryError } from "../errors.ts";
import { isRepositoryName } from "../reference.ts";
import type {
  Registry,
  RegistryCapabilities,
  RegistryCheck,
  RegistryOptions,
  Repository,
  RequestOptions,
} from "../repository.ts";
import { Transport } from "../transport.ts";
import { ByteCache } from "./byte-cache.ts";
import { checkMuseum } from "./check-museum.ts";
import { GatheredCharts } from "./gathered-charts.ts";
import { MuseumReader } from "./museum-reader.ts";
import { MuseumRepository } from "./museum-repository.ts";
import type { Museum } from "./push-chart.ts";
import { Snapshots } from "./snapshots.ts";

/** Few at once: ChartMuseum writes its whole index anew for each upload, and concurrent ones have brought it down (Harbor #8543). */
const CONCURRENCY = 8;
/** Of what is remembered of versions and digests. */
const VERSIONS_BYTES = 4 * 1024 * 1024;

/** How to reach a chart repository: `https://host[:port][/path]`; with a namespace behind it, its `index.yaml` is below that. */
export type ChartMuseumOptions = Omit<RegistryOptions, "vendor">;

/**
 * A chart repository (ChartMuseum, or whatever serves `index.yaml`) seen as a registry. The chart `web` in the namespace `team` is
 * the repository `team/web`, its index `<address>/team/index.yaml`; in the root it is `web`, its index `<address>/index.yaml`.
 * Nothing is asked before the first call.
 *
 * @throws {TypeError} when the address is none, has a query or credentials in it, or is http without `plainHttp`
 */
export function createChartMuseum(options: ChartMuseumOptions): Registry {
  return new ChartMuseum(addressOf(options), options);
}

class ChartMuseum implements Registry, Museum {
  readonly transport: Transport;
  readonly reader: MuseumReader;
  readonly snapshots: Snapshots;
  readonly gathered = new GatheredCharts();
  readonly versions = new ByteCache<string>(VERSIONS_BYTES);
  readonly #address: URL;

  constructor(address: URL, options: ChartMuseumOptions) {
    this.#address = address;
    this.transport = new Transport(new URL(address.origin), {
      concurrency: CONCURRENCY,
      ...options,
      vendor: "generic",
    });
    this.reader = new MuseumReader(this.transport);
    this.snapshots = new Snapshots((repository, request) => this.reader.index(repository, request));
  }

  get origin(): string {
    return this.#address.origin;
  }

  get basePath(): string {
    return this.#address.pathname.replace(/\/$/, "");
  }

  get requests(): number {
    return this.transport.sent;
  }

  addressOf(namespace: string): URL {
    return new URL(`${this.basePath}/${namespace === "" ? "" : `${namespace}/`}`, this.#address);
  }

  repository(name: string): Repository {
    if (!isRepositoryName(name)) {
      const detail = `not asked: ${JSON.stringify(name.slice(0, 255))} is no name of a repository`;
      const url = this.#address.href;
      throw new RegistryError({ code: "NAME_INVALID", status: 400, method: "GET", url, detail });
    }
    return new MuseumRepository(this, name);
  }

  /** The charts of one namespace; without one those of the root: nobody lists namespaces. */
  async *repositories(
    options: RequestOptions & { namespace?: string | undefined } = {},
  ): AsyncGenerator<string[]> {
    const namespace = options.namespace ?? "";
    const address = this.addressOf(namespace);
    const snapshot = await this.snapshots.get(address, options, true);
    if (!snapshot.exists) {
      const url = new URL("index.yaml", address).href;
      const detail = "there is no index of charts at this address";
      throw new RegistryError({ code: "NAME_UNKNOWN", status: 404, method: "GET", url, detail });
    }
    const charts = [...snapshot.index.charts.keys()];
    yield charts.map((chart) => (namespace === "" ? chart : `${namespace}/${chart}`));
  }

  async ensureNamespace(): Promise<void> {}

  check(options: RequestOptions = {}): Promise<RegistryCheck> {
    return checkMuseum(this.transport, this.addressOf(""), options);
  }

  async capabilities(): Promise<RegistryCapabilities> {
    return { software: "ChartMuseum", list: true, referrers: false, delete: null, chunk: false };
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

function addressOf({ address, plainHttp }: ChartMuseumOptions): URL {
  const url = new URL(address);
  const bare = url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (!/^https?:$/.test(url.protocol) || !bare) {
    throw new TypeError("the address of a chart repository is https://host[:port][/path] and nothing else");
  }
  if (url.protocol === "http:" && !plainHttp) {
    throw new TypeError("an http address needs plain HTTP to be chosen");
  }
  return url;
}
