import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { RegistryFault, sendJson } from "./fault.ts";

/** How a registry asks who is there; without it everybody may do everything. */
export interface RegistryAuth {
  kind: "basic" | "token";
  username: string;
  password: string;
  /** Of a token; default 300. */
  tokenSeconds?: number;
}

/** What a request wants, in the words of a token's scope. */
export interface Access {
  /** `repository:<name>` or `registry:catalog`; undefined for /v2/ itself. */
  resource: string | undefined;
  action: string;
}

interface Token {
  /** `repository:a/b:pull`, one an action. */
  grants: Set<string>;
  expiresAtMs: number;
}

const SERVICE = "lockstep-registry";

/** Basic and token auth. CNCF Distribution, "Token Authentication Specification". */
export class Auth {
  readonly #auth: RegistryAuth | undefined;
  readonly #tokens = new Map<string, Token>();
  /** Tokens given out. */
  issued = 0;

  constructor(auth: RegistryAuth | undefined) {
    this.#auth = auth;
  }

  /** @throws {RegistryFault} 401 with the challenge that fits */
  check(request: IncomingMessage, access: Access): void {
    if (this.#auth === undefined || this.#holds(request, access)) {
      return;
    }
    throw new RegistryFault(401, "UNAUTHORIZED", "authentication required", {
      "WWW-Authenticate": this.#challenge(request, access),
    });
  }

  /** May the sender also do this? */
  allows(request: IncomingMessage, access: Access): boolean {
    return this.#auth === undefined || this.#holds(request, access);
  }

  #holds(request: IncomingMessage, access: Access): boolean {
    const [scheme, credentials] = (request.headers.authorization ?? "").split(" ");
    if (credentials === undefined) {
      return false;
    }
    if (this.#auth?.kind === "basic") {
      return scheme === "Basic" && this.#isAccount(Buffer.from(credentials, "base64").toString("utf8"));
    }
    const token = scheme === "Bearer" ? this.#tokens.get(credentials) : undefined;
    if (token === undefined || token.expiresAtMs < Date.now()) {
      return false;
    }
    const { resource, action } = access;
    return (
      resource === undefined || token.grants.has(`${resource}:${action}`) || token.grants.has(`${resource}:*`)
    );
  }

  #challenge(request: IncomingMessage, access: Access): string {
    if (this.#auth?.kind === "basic") {
      return `Basic realm="${SERVICE}"`;
    }
    const scheme = "encrypted" in request.socket ? "https" : "http";
    const realm = `${scheme}://${request.headers.host ?? "localhost"}/token`;
    // A push needs the right to pull too: clients look before they send.
    const actions = access.action === "push" ? "pull,push" : access.action;
    const scope = access.resource === undefined ? "" : `,scope="${access.resource}:${actions}"`;
    return `Bearer realm="${realm}",service="${SERVICE}"${scope}`;
  }

  #isAccount(pair: string): boolean {
    const expected = Buffer.from(`${this.#auth?.username}:${this.#auth?.password}`);
    const given = Buffer.from(pair);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }

  /** The token endpoint: GET with Basic, or the form of OAuth2. @throws {RegistryFault} 401 */
  async answerToken(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const form = request.method === "POST" ? new URLSearchParams(await textOf(request)) : url.searchParams;
    const [scheme, credentials = ""] = (request.headers.authorization ?? "").split(" ");
    const pair =
      scheme === "Basic"
        ? Buffer.from(credentials, "base64").toString("utf8")
        : `${form.get("username")}:${form.get("password")}`;
    if (this.#auth?.kind !== "token" || !this.#isAccount(pair)) {
      throw new RegistryFault(401, "UNAUTHORIZED", "wrong name or password");
    }
    const seconds = this.#auth.tokenSeconds ?? 300;
    const token = randomBytes(24).toString("base64url");
    this.#tokens.set(token, { grants: grantsOf(form), expiresAtMs: Date.now() + seconds * 1000 });
    this.issued += 1;
    sendJson(response, {
      token,
      access_token: token,
      expires_in: seconds,
      issued_at: new Date().toISOString(),
    });
  }
}

/** `scope` may be repeated and may hold several, parted by spaces. */
function grantsOf(form: URLSearchParams): Set<string> {
  const scopes = form.getAll("scope").flatMap((scope) => scope.split(" "));
  return new Set(
    scopes.flatMap((scope) => {
      const cut = scope.lastIndexOf(":");
      const actions = scope.slice(cut + 1).split(",");
      return actions.map((action) => `${scope.slice(0, cut)}:${action}`);
    }),
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > 65_536) {
      throw new RegistryFault(413, "DENIED", "the form is too large");
    }
  }
  return text;
}
