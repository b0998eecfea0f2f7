import { isDigest } from "./digest.ts";
import type { Exchange } from "./exchange.ts";
import { RegistryFault, send, sendJson } from "./fault.ts";

/** GET /v2/_catalog, of the Docker registry API. */
export function answerCatalog(exchange: Exchange): void {
  const page = pageOf(exchange, exchange.store.repositories());
  sendJson(exchange.response, { repositories: page.names }, page.headers);
}

/** GET tags/list. end-8a, end-8b. */
export async function answerTags(exchange: Exchange, repository: string): Promise<void> {
  if (!exchange.store.hasRepository(repository)) {
    throw new RegistryFault(404, "NAME_UNKNOWN", `no repository ${repository}`);
  }
  const page = pageOf(exchange, await exchange.store.tags(repository));
  sendJson(exchange.response, { name: repository, tags: page.names }, page.headers);
}

/** Cuts the page that `n` and `last` ask for; `Link` leads to the next one. */
function pageOf(
  exchange: Exchange,
  sorted: readonly string[],
): { names: string[]; headers: Record<string, string> } {
  const { url, options } = exchange;
  const wanted = url.searchParams.get("n");
  if (wanted !== null && !/^\d{1,9}$/.test(wanted)) {
    throw new RegistryFault(400, "UNSUPPORTED", `n is no number: ${wanted}`);
  }
  const n = Math.min(wanted === null ? options.pageSize : Number(wanted), options.pageSize);
  const last = url.searchParams.get("last") ?? "";
  const rest = sorted.filter((name) => name > last);
  const names = rest.slice(0, n);
  const end = names.at(-1);
  if (end === undefined || names.length === rest.length) {
    return { names, headers: {} };
  }
  const next = new URLSearchParams({ n: String(n), last: end });
  return { names, headers: { Link: `<${url.pathname}?${next}>; rel="next"` } };
}

/** GET referrers/<digest>. end-12a, end-12b. */
export async function answerReferrers(
  exchange: Exchange,
  repository: string,
  subject: string,
): Promise<void> {
  const { store, url, options, response } = exchange;
  if (!options.referrersApi) {
    send(response, 404, { "Content-Type": "text/plain" }, "404 page not found\n");
    return;
  }
  if (!isDigest(subject)) {
    throw new RegistryFault(400, "DIGEST_INVALID", `not a digest: ${subject}`);
  }
  const wanted = url.searchParams.get("artifactType");
  const manifests: Record<string, unknown>[] = [];
  for (const digest of await store.referrers(repository, subject)) {
    const stored = await store.manifest(repository, digest);
    if (stored !== undefined && (wanted === null || stored.artifactType === wanted)) {
      const { mediaType, size, artifactType, annotations } = stored;
      manifests.push({ mediaType, digest, size, artifactType, annotations });
    }
  }
  const mediaType = "application/vnd.oci.image.index.v1+json";
  const start = Number(url.searchParams.get("from") ?? 0);
  const next = new URL(url);
  next.searchParams.set("from", String(start + options.pageSize));
  sendJson(
    response,
    { schemaVersion: 2, mediaType, manifests: manifests.slice(start, start + options.pageSize) },
    {
      "Content-Type": mediaType,
      ...(wanted === null ? {} : { "OCI-Filters-Applied": "artifactType" }),
      ...(start + options.pageSize < manifests.length
        ? { Link: `<${next.pathname}${next.search}>; rel="next"` }
        : {}),
    },
  );
}
