import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface TokenGateOptions {
  username: string;
  password: string;
  /** Stated with each token, and kept to; default 300. */
  expiresInS?: number;
  /** Makes the tokens, where the registry behind asks for them itself and looks into them; else they are random. */
  sign?: (account: string, scopes: readonly string[], expiresInS: number) => string;
}

const REPOSITORY = /^\/v2\/(.+?)\/(?:manifests|blobs|tags)\//;

/**
 * Token authentication before a registry that has none: tokens are opaque, live for a time, and can all be ended at once.
 * CNCF Distribution, "Token Authentication Specification".
 */
export class TokenGate {
  readonly #options: TokenGateOptions;
  readonly #tokens = new Map<string, { scopes: string; expiresAtMs: number }>();
  /** Tokens given out, by the scopes that were asked for. */
  readonly issued: string[] = [];

  constructor(options: TokenGateOptions) {
    this.#options = options;
  }

  /** From now on none of them is accepted, whatever was stated. */
  expireAll(): void {
    this.#tokens.clear();
  }

  /** The token document for a request of `/token`; null when name or password are wrong. */
  grant(request: IncomingMessage): string | null {
    const { username, password, expiresInS = 300, sign } = this.#options;
    const pair = Buffer.from(`${username}:${password}`).toString("base64");
    if (request.headers.authorization !== `Basic ${pair}`) {
      return null;
    }
    const scopes = new URL(request.url ?? "", "http://token").searchParams.getAll("scope").join(" ");
    const signed = sign?.(username, scopes.split(" "), expiresInS);
    const token = signed ?? randomBytes(24).toString("base64url");
    this.#tokens.set(token, { scopes, expiresAtMs: Date.now() + expiresInS * 1000 });
    this.issued.push(scopes);
    return JSON.stringify({ token, expires_in: expiresInS });
  }

  /** The challenge to answer with; undefined when the request may pass. */
  challenge(request: IncomingMessage, origin: string): string | undefined {
    if (this.#options.sign) {
      return undefined;
    }
    const path = request.url ?? "";
    const repository = REPOSITORY.exec(path)?.[1];
    const resource = repository ? `repository:${repository}` : "registry:catalog";
    const writes = !["GET", "HEAD"].includes(request.method ?? "");
    const held = this.#tokens.get(request.headers.authorization?.replace(/^Bearer /, "") ?? "");
    const live = held !== undefined && held.expiresAtMs > Date.now();
    const covers =
      path === "/v2/" || (held?.scopes.includes(resource) && (!writes || held.scopes.includes("push")));
    if (live && covers) {
      return undefined;
    }
    const actions = repository ? (writes ? "pull,push" : "pull") : "*";
    const scope = path === "/v2/" ? "" : `,scope="${resource}:${actions}"`;
    return `Bearer realm="${origin}/token",service="fault-proxy"${scope}`;
  }
}
