import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type DialectName, SENDER_PROOFS } from "../schemas/words.ts";

/** 192 bits of chance, and a beginning by which people and scanners recognise what it is. */
const TOKEN_BYTES = 24;
const TOKEN_PREFIX = "lse_";

/** Made once, shown once. */
export function makeToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString("base64url")}`;
}

/** What is stored of a token. It has more chance in it than any table of guesses, so that no slow hash is needed. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** What a request offers as a proof of who sent it. */
export interface OfferedProof {
  header(name: string): string | null;
  /** The last segment of the path, where there is one. */
  pathSecret: string | null;
  body: Uint8Array;
}

/** What is stored about a token; `secret` only where a signature has to be computed with it. */
export interface StoredToken {
  hash: string;
  secret: string | null;
}

/**
 * Whether a request was sent by somebody who knows one of the tokens: in a header, in a signature over the body, or, for
 * senders that can do neither, in the path. Only the way of the dialect counts. Takes the same time whatever is wrong.
 */
export function provesSender(
  dialect: DialectName,
  offered: OfferedProof,
  tokens: readonly StoredToken[],
): boolean {
  switch (SENDER_PROOFS[dialect]) {
    case "header":
      return anyOf(tokens, ({ hash }) =>
        same(hashToken(tokenInHeader(offered.header("authorization"))), hash),
      );
    case "path":
      return anyOf(tokens, ({ hash }) => same(hashToken(offered.pathSecret ?? ""), hash));
    case "signature": {
      const signature = offered.header("x-hub-signature-256") ?? "";
      return anyOf(
        tokens,
        ({ secret }) =>
          secret !== null &&
          same(signature, `sha256=${createHmac("sha256", secret).update(offered.body).digest("hex")}`),
      );
    }
  }
}

/** `Bearer <token>`, `Basic` with the token as password (zot), or the bare token (Harbor's “auth header”). */
function tokenInHeader(header: string | null): string {
  const [, scheme = "", rest = ""] = /^(\w+) +(\S+)$/.exec(header ?? "") ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return rest;
    case "basic": {
      const pair = Buffer.from(rest, "base64").toString("utf8");
      return pair.slice(pair.indexOf(":") + 1);
    }
    default:
      return header ?? "";
  }
}

/** Looks at all of them, so that time does not tell which one it was. */
function anyOf<T>(all: readonly T[], test: (one: T) => boolean): boolean {
  return all.map(test).includes(true);
}

function same(offered: string, expected: string): boolean {
  const [left, right] = [offered, expected].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
