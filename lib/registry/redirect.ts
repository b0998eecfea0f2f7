import { bareUrl } from "./address.ts";
import { TransportError } from "./errors.ts";
import type { Answer, Exchange } from "./exchange.ts";

const MAX_REDIRECTS = 5;

export function isRedirect({ status, headers }: Answer): boolean {
  return [301, 302, 303, 307, 308].includes(status) && headers.has("location");
}

/**
 * Where a redirect leads, if it may be followed: GET and HEAD only, five times at most, never from https down to http,
 * never with credentials in the address. Where it leads is dialled through the same hook as everything else.
 * @param count redirects so far, this one included
 * @throws {TransportError} REDIRECT_REFUSED
 */
export function redirectTarget(method: Exchange["method"], answer: Answer, count: number): URL {
  const location = answer.headers.get("location") ?? "";
  const refuse = (reason: string): never => {
    answer.body.cancel();
    throw new TransportError("REDIRECT_REFUSED", { method, url: bareUrl(answer.url) }, reason);
  };
  if (method !== "GET" && method !== "HEAD") {
    return refuse("a redirect of a request that writes");
  }
  if (count > MAX_REDIRECTS) {
    return refuse(`more than ${MAX_REDIRECTS} redirects`);
  }
  if (!URL.canParse(location, answer.url.href)) {
    return refuse("a redirect to no address");
  }
  const next = new URL(location, answer.url.href);
  if (!/^https?:$/.test(next.protocol)) {
    return refuse(`a redirect to ${next.protocol}`);
  }
  if (next.username !== "" || next.password !== "") {
    return refuse("a redirect with credentials in it");
  }
  if (answer.url.protocol === "https:" && next.protocol !== "https:") {
    return refuse("a redirect from https to http");
  }
  next.hash = "";
  return next;
}
