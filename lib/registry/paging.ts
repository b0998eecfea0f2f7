import LinkHeader from "http-link-header";
import { bareUrl } from "./address.ts";
import type { Call } from "./call.ts";
import { RegistryError, TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { Transport } from "./transport.ts";
import { refuseWebPage } from "./web-page.ts";

const MAX_PAGE_BYTES = 16 * 1024 * 1024;
/** A registry of ten million names at 1,000 a page. */
const MAX_PAGES = 10_000;

export interface Listing {
  /** Path and query of the first page. */
  path: string;
  scopes: readonly string[];
  /** The field of the body that holds the names. */
  field: "repositories" | "tags";
  /** Names that break the grammar are left out: nothing can be asked about them. */
  isName: (name: string) => boolean;
  signal?: AbortSignal | undefined;
  retries?: number | undefined;
}

/**
 * Names, page by page. Only `Link` says whether there is a next page, never the length of one (T7, T8); it stays at
 * the registry's own origin; pages that repeat, or never end, are refused (FS28).
 * OCI distribution-spec v1.1.1, "Listing Tags"; Docker Registry HTTP API V2, "Listing Repositories".
 *
 * @throws {TransportError} REDIRECT_REFUSED
 * @throws {ContentError} WEB_PAGE
 */
export async function* pagesOf(transport: Transport, listing: Listing): AsyncGenerator<string[]> {
  const { path, scopes, signal, retries } = listing;
  const ask = { scopes, signal, retries, headers: { accept: "application/json" }, expect: [200] };
  yield* linkedPages(transport, { ...ask, path, maxPages: MAX_PAGES }, (answer) => readPage(answer, listing));
}

export interface LinkedPages extends Omit<Call, "method" | "to"> {
  /** Path and query of the first page. */
  path: string;
  maxPages: number;
}

/**
 * Asks for a page, and for the one that its `Link` names, until there is none: at the registry's own origin, never the same
 * page twice, `maxPages` at most.
 * @throws {TransportError} REDIRECT_REFUSED
 */
export async function* linkedPages<T>(
  transport: Transport,
  { path, maxPages, ...call }: LinkedPages,
  read: (answer: Answer) => Promise<T>,
): AsyncGenerator<T> {
  let url: URL | null = new URL(path, transport.origin);
  const seen = new Set<string>();
  while (url !== null) {
    if (seen.has(url.href) || seen.size >= maxPages) {
      const reason = seen.has(url.href) ? "the pages go round in a circle" : "the pages do not end";
      throw new TransportError("REDIRECT_REFUSED", { method: "GET", url: bareUrl(url) }, reason);
    }
    seen.add(url.href);
    const page: { content: T; next: URL | null } = await transport.call(
      { ...call, method: "GET", to: url },
      async (answer) => ({ content: await read(answer), next: nextPage(transport, answer) }),
    );
    yield page.content;
    url = page.next;
  }
}

async function readPage(answer: Answer, listing: Listing): Promise<string[]> {
  await refuseWebPage(answer, "a list of names");
  const bytes = await answer.body.bytes(MAX_PAGE_BYTES, () => unreadable(answer, "a page of over 16 MiB"));
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw unreadable(answer, "no JSON");
  }
  // 2.8.3 says `null` for a repository whose tags are all gone.
  const names: unknown =
    typeof body === "object" && body !== null && Object.hasOwn(body, listing.field)
      ? (Object.getOwnPropertyDescriptor(body, listing.field)?.value ?? [])
      : undefined;
  if (!Array.isArray(names)) {
    throw unreadable(answer, `JSON without ${listing.field}`);
  }
  return names.filter((name): name is string => typeof name === "string" && listing.isName(name));
}

function nextPage(transport: Transport, answer: Answer): URL | null {
  const header = answer.headers.get("link");
  if (header === undefined) {
    return null;
  }
  let target: string | undefined;
  try {
    target = LinkHeader.parse(header).rel("next")[0]?.uri;
  } catch {
    throw unreadable(answer, "a Link that cannot be read");
  }
  return target === undefined ? null : transport.ownUrl(target, answer.url, "GET");
}

function unreadable(answer: Answer, what: string): RegistryError {
  const { status, url } = answer;
  return new RegistryError({
    code: "UNKNOWN",
    status,
    method: "GET",
    url: bareUrl(url),
    detail: `answered with ${what}`,
  });
}
