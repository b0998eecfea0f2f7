import { type Address, bareUrl, Origin } from "./address.ts";
import { Authenticator, type Credentials } from "./auth.ts";
import type { Call } from "./call.ts";
import { Distance } from "./distance.ts";
import { registryError } from "./error-body.ts";
import { TransportError } from "./errors.ts";
import { type Answer, Connections, type Exchange } from "./exchange.ts";
import { Fields } from "./http/request-head.ts";
import { Limiter } from "./limiter.ts";
import { PATIENCE, type Patience } from "./patience.ts";
import { isRedirect, redirectTarget } from "./redirect.ts";
import type { RegistryOptions } from "./repository.ts";
import { isReplayable, Retries } from "./retries.ts";

/** First without a token, then with one, then with one for the scope that the registry really wanted. */
const MAX_CHALLENGES = 2;
export const DEFAULT_CONCURRENCY = 32;
/** Read to the end although nobody wants them: cheaper than a new connection. */
const LEFTOVER_BYTES = 16 * 1024;

/**
 * The only way to a registry: one origin with its connections, its credentials, its bound on requests at once.
 * Retries what may help, follows redirects of GET and HEAD by hand, answers challenges, turns refusals into errors.
 */
export class Transport {
  readonly origin: URL;
  readonly #connections: Connections;
  readonly #auth: Authenticator;
  readonly #requests: Limiter;
  /** Reading a blob takes as long as its receiver needs: were it counted with the rest, a copy inside one registry could wait for itself. */
  readonly #streams: Limiter;
  readonly retries: Retries;
  readonly #distance: Distance;
  readonly #own: Origin;
  readonly patience: Patience;
  readonly #diallingAhead: NodeJS.Immediate | undefined;
  #sent = 0;

  constructor(origin: URL, options: RegistryOptions) {
    this.origin = origin;
    this.#own = new Origin(origin);
    this.patience = { ...PATIENCE, ...options.patience };
    this.#connections = new Connections(options.egress, options.caCertificate, this.patience);
    const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    const dial = (count: number) => this.#connections.dialAhead(origin, count);
    this.#distance = new Distance({ dial, most: concurrency });
    if (options.dialAhead) {
      // Behind the first request: somebody waits for that.
      this.#diallingAhead = setImmediate(() => this.dialAhead(concurrency));
    }
    this.#auth = new Authenticator(origin, credentialsOf(options), (exchange) => this.#exchange(exchange));
    this.#requests = new Limiter(concurrency);
    this.#streams = new Limiter(concurrency);
    this.retries = new Retries(options, this.patience);
  }

  /** Requests so far: retries, redirects and token requests included. */
  get sent(): number {
    return this.#sent;
  }

  /** The quickest answer so far, ms; with what opening its connection took. */
  get quickestMs(): number | undefined {
    return this.#distance.quickestMs;
  }

  /** So many requests will come at once: where that takes long, their connections are opened meanwhile. */
  dialAhead(requests: number): void {
    this.#distance.expect(requests);
  }

  get auth(): Authenticator {
    return this.#auth;
  }

  /**
   * Asks, and reads the answer with `consume`; both are done again together when that may help. What `consume` leaves
   * unread is given up.
   * @param landed asked before a request is sent again whose answer was lost: true, and there is nothing left to do
   * @throws {RegistryError | TransportError} the last failure, when the retries are used up
   */
  call<T>(
    call: Call,
    consume: (answer: Answer) => Promise<T> | T,
    landed?: () => Promise<{ result: T } | null>,
  ): Promise<T> {
    return this.retries.run(call, () => this.#attempt(call, consume), landed);
  }

  async #attempt<T>(call: Call, consume: (answer: Answer) => Promise<T> | T): Promise<T> {
    await this.#requests.enter(call.signal);
    let timer: NodeJS.Timeout | undefined;
    let answer: Answer | undefined;
    try {
      answer = await this.#ask(call);
      const { body, url } = answer;
      if (!body.ended) {
        // Made when it is needed: an error with its stack for each request took a fortieth of the whole time.
        const giveUp = () => {
          const at = { method: call.method, url: bareUrl(url) };
          body.cancel(new TransportError("TIMEOUT", at, "the answer takes too long"));
        };
        timer = setTimeout(giveUp, this.patience.wholeBodyMs);
      }
      const result = await consume(answer);
      if (!body.empty) {
        await body.excerpt(LEFTOVER_BYTES);
      }
      return result;
    } finally {
      clearTimeout(timer);
      answer?.body.cancel();
      this.#requests.leave();
    }
  }

  /** Asks for a body that the caller reads at its own pace, to the end or until it cancels it. */
  open(call: Call): Promise<Answer> {
    return this.retries.run(call, async () => {
      await this.#streams.enter(call.signal);
      try {
        const answer = await this.#ask(call);
        answer.body.whenSettled(() => this.#streams.leave());
        return answer;
      } catch (error) {
        this.#streams.leave();
        throw error;
      }
    });
  }

  /**
   * Resolves a URL that an answer named (Location of an upload, Link of a page): it must stay at the registry's own
   * origin, because requests to it carry credentials (CVE-2026-50151, GHSA-298f-872v-2rcx).
   * @throws {TransportError} REDIRECT_REFUSED
   */
  ownUrl(text: string, base: Address, method: string): URL {
    const url = URL.parse(text, base.href);
    if (url === null || url.origin !== this.#own.origin || url.username !== "" || url.password !== "") {
      throw new TransportError(
        "REDIRECT_REFUSED",
        { method, url: bareUrl(base) },
        `the answer points away from the registry${url ? `, to ${url.protocol}//${url.host}` : ""}`,
      );
    }
    url.hash = "";
    return url;
  }

  close(): Promise<void> {
    clearImmediate(this.#diallingAhead);
    return this.#connections.close();
  }

  /** One attempt: challenges and redirects included. The body of what is returned is unread. */
  async #ask(call: Call): Promise<Answer> {
    let url: Address = typeof call.to === "string" ? this.#own.at(call.to) : call.to;
    let challenges = 0;
    for (let redirects = 0; ; ) {
      const own = url.origin === this.#own.origin;
      const authorization = own
        ? ((await this.#auth.authorization(call.scopes, call.signal)) ?? call.unasked)
        : undefined;
      await call.beforeSending?.();
      const answer = await this.#exchange(exchangeOf(call, url, authorization));
      if (own) {
        this.retries.hear(answer);
      }
      const challenged = answer.status === 401 && own && challenges < MAX_CHALLENGES;
      if (challenged && (await this.#heeds(answer, call, authorization))) {
        challenges += 1;
        continue;
      }
      const expected = call.expect.includes(answer.status);
      if (!expected && isRedirect(answer)) {
        redirects += 1;
        url = redirectTarget(call.method, answer, redirects);
        await answer.body.excerpt(LEFTOVER_BYTES);
        continue;
      }
      this.#pace(answer.status);
      if (!expected) {
        throw await registryError(answer, call.method, this.#auth.secrets);
      }
      return answer;
    }
  }

  /** Whether asking again, with what the challenge wants, can help. Then the body has been read. */
  async #heeds({ headers, body }: Answer, call: Call, used: string | undefined): Promise<boolean> {
    try {
      const heard = this.#auth.hear(headers.get("www-authenticate"), call.scopes, used) && isReplayable(call);
      await (heard ? body.excerpt(LEFTOVER_BYTES) : undefined);
      return heard;
    } catch (error) {
      // A token server that may not be asked: nobody reads what came with it.
      body.cancel();
      throw error;
    }
  }

  /** As fast as the registry lets us. */
  #pace(status: number): void {
    if (status === 429) {
      this.#requests.slowDown();
      this.#streams.slowDown();
    } else {
      this.#requests.succeed();
      this.#streams.succeed();
    }
  }

  async #exchange(exchange: Exchange): Promise<Answer> {
    this.#sent += 1;
    const answer = await this.#connections.send(exchange);
    this.retries.reached();
    if (answer.url.origin === this.#own.origin) {
      this.#distance.hear(answer.elapsedMs);
    }
    return answer;
  }
}

function exchangeOf(call: Call, url: Address, authorization: string | undefined): Exchange {
  const { method, body, headersTimeoutMs, signal } = call;
  const fields = Fields.of(call.headers);
  const headers = authorization ? fields.with("authorization", authorization) : fields;
  return { method, url, headers, body, headersTimeoutMs, signal };
}

function credentialsOf({ username, password }: RegistryOptions): Credentials | undefined {
  return username || password ? { username: username ?? "", password: password ?? "" } : undefined;
}
