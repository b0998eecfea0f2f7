import { bareUrl } from "./address.ts";
import { printable } from "./error-body.ts";
import { RegistryError } from "./errors.ts";

/** A token without `expires_in` lives this long. */
const DEFAULT_EXPIRY_S = 60;

export interface Token {
  value: string;
  /** When to ask for the next one: before it expires, so that a request never starts with a dying token. */
  renewAtMs: number;
}

/**
 * Reads a token server's answer.
 * Docker token authentication specification, "Token Response Fields".
 *
 * @throws {RegistryError} UNAUTHORIZED when there is no token in it
 */
export function readToken(bytes: Buffer, url: URL): Token {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw noToken(url, "no JSON");
  }
  const fields: Record<string, unknown> = typeof body === "object" && body !== null ? { ...body } : {};
  const value = [fields.token, fields.access_token].find((text) => typeof text === "string" && text !== "");
  // A header value: anything else would be an injection.
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) {
    throw noToken(url, "no token");
  }
  const stated = Number(fields.expires_in ?? DEFAULT_EXPIRY_S);
  const seconds = Number.isFinite(stated) && stated > 0 ? stated : DEFAULT_EXPIRY_S;
  // Counted from now, not from `issued_at`: clocks differ.
  return { value, renewAtMs: Date.now() + (seconds - Math.min(30, seconds * 0.2)) * 1000 };
}

export function noToken(url: URL, what: string): RegistryError {
  return new RegistryError({
    code: "UNAUTHORIZED",
    status: 200,
    method: "GET",
    url: bareUrl(url),
    detail: printable(`the token server sent ${what}`, []),
  });
}
