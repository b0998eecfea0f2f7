import { descriptorOf, MEDIA, piece } from "./content.ts";
import { type LoopbackServer, serve } from "./loopback-server.ts";
import { send } from "./registry/fault.ts";

export interface LargeRegistry extends LoopbackServer {
  /** Requests that arrived so far. */
  requests(): number;
  /** Pages of the catalogue among them. */
  pages(): number;
}

/**
 * A registry with any number of repositories, `team/app-000000` and so on, stored nowhere: each has the tag `v1`, and all
 * name the same image.
 * @param beforePage what the n-th page of the catalogue waits for; `gone` says that its client has left
 */
export async function startLargeRegistry(
  repositories: number,
  beforePage: (page: number, gone: AbortSignal) => Promise<void> = async () => undefined,
): Promise<LargeRegistry> {
  const config = piece(MEDIA.config, "{}");
  const manifest = piece(
    MEDIA.manifest,
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.manifest, config: descriptorOf(config), layers: [] }),
  );
  let requests = 0;
  let pages = 0;
  const server = await serve(async (request, response) => {
    requests += 1;
    const url = new URL(request.url ?? "/", "http://registry");
    const json = (body: unknown, headers = {}) =>
      send(response, 200, { "Content-Type": "application/json", ...headers }, JSON.stringify(body));
    if (url.pathname === "/v2/_catalog") {
      pages += 1;
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      const { names, next, page } = pageAfter(url, repositories);
      await beforePage(page, gone.signal);
      json({ repositories: names }, next ? { Link: `<${next}>; rel="next"` } : {});
    } else if (url.pathname.endsWith("/tags/list")) {
      json({ name: url.pathname.slice("/v2/".length, -"/tags/list".length), tags: ["v1"] });
    } else if (/\/manifests\/(?:v1|sha256:[0-9a-f]{64})$/.test(url.pathname)) {
      const headers = { "Content-Type": manifest.mediaType, "Docker-Content-Digest": manifest.digest };
      send(response, 200, headers, manifest.bytes);
    } else {
      json({});
    }
  });
  return { ...server, requests: () => requests, pages: () => pages };
}

const nameOf = (index: number): string => `team/app-${String(index).padStart(6, "0")}`;

function pageAfter(url: URL, repositories: number): { names: string[]; next: string | null; page: number } {
  const size = Number(url.searchParams.get("n") ?? 1_000);
  const last = /^team\/app-(\d+)$/.exec(url.searchParams.get("last") ?? "")?.[1];
  const start = last === undefined ? 0 : Number(last) + 1;
  const end = Math.min(start + size, repositories);
  const names = Array.from({ length: Math.max(0, end - start) }, (_, index) => nameOf(start + index));
  const query = new URLSearchParams({ n: String(size), last: nameOf(end - 1) });
  return { names, next: end < repositories ? `/v2/_catalog?${query}` : null, page: start / size + 1 };
}
