import { bareUrl } from "./address.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { registryError } from "./error-body.ts";
import { TransportError } from "./errors.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { realmMayHaveCredentials } from "./realm.ts";
import { noToken, readToken, type Token } from "./token.ts";

const MAX_TOKEN_BYTES = 1024 * 1024;
const TOKEN_TIMEOUT_MS = 30_000;

export interface Credentials {
  username: string;
  password: string;
}

type Scheme = { kind: "basic" } | { kind: "token"; realm: URL; service: string | undefined };

/**
 * Who we are at one registry: nobody, a name and password (Basic), or a bearer token bought with them or without.
 * Only challenges of the registry's own origin are heard; see realm.ts for where credentials may go.
 */
export class Authenticator {
  readonly #origin: URL;
  readonly #credentials: Credentials | undefined;
  readonly #send: (exchange: Exchange) => Promise<Answer>;
  readonly #tokens = new Map<string, Token>();
  readonly #flights = new Map<string, Promise<Token>>();
  /** Scopes that a registry asked for beyond those we wanted, by those we wanted (Quay and others have their own). */
  readonly #demanded = new Map<string, string[]>();
  #scheme: Scheme | undefined;
  #withheldFrom: string | undefined;

  constructor(
    origin: URL,
    credentials: Credentials | undefined,
    send: (exchange: Exchange) => Promise<Answer>,
  ) {
    this.#origin = origin;
    this.#credentials = credentials;
    this.#send = send;
  }

  /** How the registry wants to be talked to, as far as it has said. */
  get authentication(): "anonymous" | "basic" | "token" {
    return this.#scheme?.kind ?? "anonymous";
  }

  /** What the token challenge calls the registry. */
  get service(): string | undefined {
    return this.#scheme?.kind === "token" ? this.#scheme.service : undefined;
  }

  /** `Basic …`; undefined without credentials. Only for the registry's own origin, or a realm that realm.ts allows. */
  get basic(): string | undefined {
    return this.#credentials && basicHeader(this.#credentials);
  }

  /** The token server that was asked anonymously, because our credentials are none of its business. */
  get withheldFrom(): string | undefined {
    return this.#withheldFrom;
  }

  /** What must never appear in a message. */
  get secrets(): string[] {
    return this.#credentials
      ? [this.#credentials.password, basicHeader(this.#credentials).slice("Basic ".length)]
      : [];
  }

  /**
   * The Authorization header for a request to the registry's own origin; undefined to ask without one.
   * @param scopes what the request needs, e.g. `repository:app:pull`
   * @throws {RegistryError} when the token server refuses
   */
  authorization(
    scopes: readonly string[],
    signal?: AbortSignal,
  ): Promise<string | undefined> | string | undefined {
    if (this.#scheme?.kind === "basic") {
      return this.basic;
    }
    return this.#scheme === undefined ? undefined : this.#bearer(this.#scheme, scopes, signal);
  }

  /**
   * Hears the challenge of a 401.
   * @param used the Authorization header that was refused
   * @returns true when asking again can help
   */
  hear(header: string | undefined, scopes: readonly string[], used: string | undefined): boolean {
    const challenges = parseChallenges(header ?? "");
    const bearer = challenges.find(
      ({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"),
    );
    if (bearer) {
      this.#hearBearer(bearer, scopes, used);
      return true;
    }
    const basic = challenges.some(({ scheme }) => scheme === "basic");
    if (!basic || this.#credentials === undefined || used === this.basic) {
      return false;
    }
    this.#scheme = { kind: "basic" };
    return true;
  }

  #hearBearer({ parameters }: Challenge, scopes: readonly string[], used: string | undefined): void {
    const realm = this.#realm(parameters.get("realm") ?? "");
    const demanded = (parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
    const key = scopes.join(" ");
    const known = this.#demanded.get(key) ?? [];
    // The scope that was missing comes first: some token servers read only that one (T19).
    const lacking = demanded.filter((scope) => !known.includes(scope) && !scopes.includes(scope));
    if (lacking.length > 0) {
      this.#demanded.set(key, [...lacking, ...known]);
    }
    this.#scheme = { kind: "token", realm, service: parameters.get("service") };
    for (const [cached, token] of this.#tokens) {
      // Whoever is second to come back with the old token finds the new one already in its place.
      if (`Bearer ${token.value}` === used) {
        this.#tokens.delete(cached);
      }
    }
  }

  #realm(text: string): URL {
    const request = { method: "GET", url: bareUrl(this.#origin) };
    if (!URL.canParse(text)) {
      throw new TransportError("REDIRECT_REFUSED", request, "the token server's address cannot be read");
    }
    const realm = new URL(text);
    const plain = realm.protocol === "http:" && this.#origin.protocol === "http:";
    if ((realm.protocol !== "https:" && !plain) || realm.username !== "" || realm.password !== "") {
      throw new TransportError("REDIRECT_REFUSED", request, `no token is asked for at ${bareUrl(realm)}`);
    }
    realm.hash = "";
    return realm;
  }

  async #bearer(
    scheme: Extract<Scheme, { kind: "token" }>,
    wanted: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const scopes = [...(this.#demanded.get(wanted.join(" ")) ?? []), ...wanted];
    const key = JSON.stringify([scheme.realm.href, scheme.service, [...scopes].sort()]);
    const cached = this.#tokens.get(key);
    if (cached && cached.renewAtMs > Date.now()) {
      return `Bearer ${cached.value}`;
    }
    let flight = this.#flights.get(key);
    if (!flight) {
      flight = this.#fetchToken(scheme, scopes).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
      flight.then(
        (token) => this.#tokens.set(key, token),
        () => undefined,
      );
    }
    // The flight belongs to all who wait for it: one that gives up does not end it.
    const token = await untilAborted(flight, signal);
    return `Bearer ${token.value}`;
  }

  /** Docker token authentication specification, "Requesting a Token". Redirects are not followed. */
  async #fetchToken(
    { realm, service }: Extract<Scheme, { kind: "token" }>,
    scopes: readonly string[],
  ): Promise<Token> {
    const url = new URL(realm);
    if (service !== undefined) {
      url.searchParams.set("service", service);
    }
    for (const scope of scopes) {
      url.searchParams.append("scope", scope);
    }
    const trusted = await realmMayHaveCredentials(this.#origin, realm);
    const basic = trusted ? this.basic : undefined;
    this.#withheldFrom = !trusted && this.#credentials ? realm.host : undefined;
    const request = { method: "GET", url: bareUrl(url) };
    const timeout = AbortSignal.timeout(TOKEN_TIMEOUT_MS);
    try {
      const answer = await this.#send({
        method: "GET",
        url,
        headers: { accept: "application/json", ...(basic ? { authorization: basic } : {}) },
        signal: timeout,
      });
      if (answer.status >= 300 && answer.status < 400) {
        answer.body.cancel();
        throw new TransportError("REDIRECT_REFUSED", request, "the token server points elsewhere");
      }
      if (answer.status !== 200) {
        const broken = answer.status >= 500 ? "TOKEN_SERVER" : undefined;
        throw await registryError(answer, "GET", this.secrets, broken);
      }
      return readToken(
        await answer.body.bytes(MAX_TOKEN_BYTES, () => noToken(url, "an answer over 1 MiB")),
        url,
      );
    } catch (error) {
      if (timeout.aborted) {
        throw new TransportError("TIMEOUT", request, "the token server does not answer", { cause: error });
      }
      throw error;
    }
  }
}

function basicHeader({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const gaveUp = () => reject(signal.reason);
    if (signal.aborted) {
      gaveUp();
      return;
    }
    signal.addEventListener("abort", gaveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", gaveUp));
  });
}
