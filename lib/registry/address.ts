/** As much of a URL as a request needs; a `URL` is one. */
export type Address = Readonly<
  Pick<URL, "protocol" | "hostname" | "port" | "host" | "origin" | "pathname" | "search" | "href">
>;

/** What every URL leaves as it is: segments that lead nowhere else, and a query, in which nothing is to be escaped. */
const PLAIN_PATH = /^(?:\/[a-zA-Z0-9_][a-zA-Z0-9_.:-]*)+\/?(?:\?[a-zA-Z0-9_.:%&=+-]+)?$/;

/** Addresses at one origin. Thousands of requests name theirs by a path, and to make a `URL` of each takes longer than to send it. */
export class Origin {
  readonly origin: string;
  readonly #root: URL;

  constructor(root: URL) {
    this.origin = root.origin;
    this.#root = root;
  }

  /** @param path with its query; what is not plain is read as every URL is, and may lead elsewhere */
  at(path: string): Address {
    return PLAIN_PATH.test(path)
      ? new PlainAddress(this.origin, this.#root, path)
      : new URL(path, this.#root);
  }
}

class PlainAddress implements Address {
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
  readonly #root: URL;

  constructor(origin: string, root: URL, path: string) {
    const query = path.indexOf("?");
    this.origin = origin;
    this.pathname = query === -1 ? path : path.slice(0, query);
    this.search = query === -1 ? "" : path.slice(query);
    this.#root = root;
  }

  get protocol(): string {
    return this.#root.protocol;
  }

  get hostname(): string {
    return this.#root.hostname;
  }

  get port(): string {
    return this.#root.port;
  }

  get host(): string {
    return this.#root.host;
  }

  get href(): string {
    return this.origin + this.pathname + this.search;
  }
}

/** As messages show it: without user info, query and fragment. */
export function bareUrl({ protocol, host, pathname }: Address): string {
  return `${protocol}//${host}${pathname}`;
}
