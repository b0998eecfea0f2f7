import { probeCapabilities } from "./capabilities.ts";
import { checkRegistry } from "./check.ts";
import { RemoteRepository } from "./remote-repository.ts";
import type {
  Registry,
  RegistryCapabilities,
  RegistryCheck,
  RegistryOptions,
  Repository,
  RequestOptions,
} from "./repository.ts";
import { Transport } from "./transport.ts";
import { UploadHabits } from "./upload-habits.ts";
import { distribution } from "./vendors/distribution.ts";
import { generic } from "./vendors/generic.ts";
import type { Vendor } from "./vendors/vendor.ts";

const VENDORS: Record<RegistryOptions["vendor"], Vendor> = { distribution, generic };

/**
 * A registry reached over HTTP. Nothing is asked before the first call.
 * @throws {TypeError} when the address is none, has more than an origin in it, or is http without `plainHttp`
 */
export function createRegistry(options: RegistryOptions): Registry {
  return new RemoteRegistry(originOf(options), options);
}

class RemoteRegistry implements Registry {
  readonly origin: string;
  readonly #transport: Transport;
  readonly #uploads: UploadHabits;
  readonly #vendor: Vendor;
  /** The one that was asked for last: most often the next one is the same. */
  #repository: RemoteRepository | undefined;

  constructor(origin: URL, options: RegistryOptions) {
    this.origin = origin.origin;
    this.#transport = new Transport(origin, options);
    this.#uploads = new UploadHabits(options.chunks);
    this.#vendor = VENDORS[options.vendor];
  }

  get requests(): number {
    return this.#transport.sent;
  }

  get quickestMs(): number | undefined {
    return this.#transport.quickestMs;
  }

  dialAhead(requests: number): void {
    this.#transport.dialAhead(requests);
  }

  repository(name: string): Repository {
    if (this.#repository?.name !== name) {
      this.#repository = new RemoteRepository(this.#transport, name, this.#uploads);
    }
    return this.#repository;
  }

  repositories(options: RequestOptions & { namespace?: string | undefined } = {}): AsyncIterable<string[]> {
    return this.#vendor.repositories(this.#transport, options);
  }

  ensureNamespace(namespace: string, options: RequestOptions = {}): Promise<void> {
    return this.#vendor.ensureNamespace(this.#transport, namespace, options);
  }

  check(options: RequestOptions = {}): Promise<RegistryCheck> {
    return checkRegistry(this.#transport, options);
  }

  capabilities(options: RequestOptions = {}): Promise<RegistryCapabilities> {
    return probeCapabilities(this.#transport, options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

function originOf({ address, plainHttp }: RegistryOptions): URL {
  const url = new URL(address);
  const bare = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  if (!/^https?:$/.test(url.protocol) || !bare || url.password !== "") {
    throw new TypeError("the address of a registry is https://host[:port] and nothing else");
  }
  if (url.protocol === "http:" && !plainHttp) {
    throw new TypeError("an http address needs plain HTTP to be chosen");
  }
  return url;
}
