import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy, STRICT_TRANSPORT } from "./lib/auth/page-headers.ts";
import { config as settings } from "./lib/config.ts";

/**
 * Headers that differ from request to request: the nonce that lets Next's own inline scripts run, and no other. It guards
 * nothing else: pages, routes and actions authorize themselves, and lose nothing but these headers without it.
 */
export function proxy(request: NextRequest): NextResponse {
  const { publicUrl, development } = settings();
  const policy = contentSecurityPolicy({
    nonce: Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"),
    development,
  });
  const headers = new Headers(request.headers);
  // Next takes the nonce for its scripts from here.
  headers.set("content-security-policy", policy);
  const response = isDecodable(request.nextUrl.pathname)
    ? NextResponse.next({ request: { headers } })
    : NextResponse.rewrite(new URL(NO_SUCH_PAGE, request.url), { request: { headers } });
  response.headers.set("content-security-policy", policy);
  if (publicUrl?.protocol === "https:") {
    response.headers.set("strict-transport-security", STRICT_TRANSPORT);
  }
  return response;
}

/** No page: it answers with app/not-found.tsx. */
const NO_SUCH_PAGE = "/no-such-page";

/** A path such as `/rules/%ff` names no page; Next would refuse it with a bare page of its own. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Everything that may answer with a page; JSON, streams and static files carry the headers of next.config.js. */
export const config = { matcher: ["/((?!api/|_next/static/|theme\\.js$|early\\.js$|icon\\.svg$).*)"] };
