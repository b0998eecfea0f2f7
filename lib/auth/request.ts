import "server-only";
import { randomUUID } from "node:crypto";
import { cookies, headers } from "next/headers";
import { config } from "../config.ts";
import type { Locale } from "../schemas/locale.ts";
import type { UserPreferences, UserRole } from "../schemas/user.ts";
import { clientAddress } from "./client-address.ts";

/**
 * The request that is being answered. Only this module reads `next/headers`, so that tests of actions and data can put a
 * request of their own in its place.
 */
export interface RequestFacts {
  /** Ties an answer, its audit row and its log line together. */
  id: string;
  ip: string | null;
  userAgent: string | null;
  headers: Headers;
  /** What this request has learned already. */
  memo: {
    session?: { token: string; user: Promise<SignedInUser | null> };
    /** Why the page was refused. */
    refusal?: MissingGrant;
  };
}

export interface SignedInUser {
  id: string;
  username: string;
  displayName: string;
  role: UserRole;
  preferences: UserPreferences;
  /** Null: never chosen; then the browser decides. */
  locale: Locale | null;
  /** Hash of the session id: names the session without being able to use it. */
  sessionHash: string;
}

/** What a refused page says: the grant that is missing, where, and who can give it. */
export interface MissingGrant {
  reason: string;
  values: Record<string, string | number>;
}

// Next bundles a module more than once into one process: what belongs to a request hangs on the process.
const HOLDER = Symbol.for("lockstep.request-facts");
const holder = globalThis as { [HOLDER]?: WeakMap<Headers, RequestFacts> };

/** The same object for the whole request. */
export async function currentRequest(): Promise<RequestFacts> {
  const requestHeaders = await headers();
  holder[HOLDER] ??= new WeakMap();
  const facts = holder[HOLDER];
  let found = facts.get(requestHeaders);
  if (!found) {
    found = {
      id: randomUUID(),
      ip: clientAddress(requestHeaders, config().trustedProxies),
      userAgent: requestHeaders.get("user-agent")?.slice(0, 256) ?? null,
      headers: requestHeaders,
      memo: {},
    };
    facts.set(requestHeaders, found);
  }
  return found;
}

export async function readCookie(name: string): Promise<string | null> {
  return (await cookies()).get(name)?.value ?? null;
}

export interface CookieOptions {
  httpOnly: true;
  sameSite: "lax";
  secure: boolean;
  path: "/";
  maxAge: number;
}

/** Works in server actions and route handlers only. */
export async function writeCookie(name: string, value: string, options: CookieOptions): Promise<void> {
  (await cookies()).set(name, value, options);
}

/** Options of every cookie of ours; `__Host-` asks for Secure, path / and no domain (RFC 6265bis, 4.1.3.2). */
export function cookieOptions(maxAgeSeconds: number): CookieOptions {
  return { httpOnly: true, sameSite: "lax", secure: isHttps(), path: "/", maxAge: maxAgeSeconds };
}

/** `__Host-name` when people reach the console by https, else `name`. */
export function cookieName(name: "lockstep-session" | "lockstep-device" | "lockstep-callback"): string {
  return isHttps() ? `__Host-${name}` : name;
}

function isHttps(): boolean {
  return config().publicUrl?.protocol === "https:";
}
