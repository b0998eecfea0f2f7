import "server-only";
import { config } from "../config.ts";

/**
 * Whether a request that changes something comes from our own pages. Next lets an action without an Origin header
 * through; a browser always sends one with a POST, so ours refuses what has none.
 */
export function fromOwnPage(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (!origin || !URL.canParse(origin)) {
    return false;
  }
  const { publicUrl } = config();
  if (publicUrl && new URL(origin).origin === publicUrl.origin) {
    return true;
  }
  // Without PUBLIC_URL, or when the console is opened beside it: the page's host is the host that was asked.
  const host = headers.get("host");
  return host !== null && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).host === host;
}
