import { Authenticator, type Credentials } from "./auth.ts";
import type { Call } from "./call.ts";
import { registryError } from "./error-body.ts";
import { RegistryError, TransportError } from "./errors.ts";
import { type Answer, bareUrl, Connections, type Exchange } from "./exchange.ts";
import { Limiter } from "./limiter.ts";
import { PATIENCE, type Patience } from "./patience.ts";
import { isRedirect, redirectTarget } from "./redirect.ts";
import type { RegistryOptions } from "./repository.ts";
import { backoffMs, isRetryable, Waits } from "./retry.ts";

/** First without a token, then with one, then with one for the scope that the registry really wanted. */
const MAX_CHALLENGES = 2;
export const DEFAULT_CONCURRENCY = 32;
const DEFAULT_RETRIES = 8;
/** A registry that has never answered is more likely mistyped than restarting. */
const RETRIES_BEFORE_FIRST_ANSWER = 4;
/** Dialled ahead: as many as the tags that are under way at once. */
const DIALLED_AHEAD = 16;
/** Of the first answer, whose connection may have been made for it. Where it takes longer, a connection costs as much as a request. */
export const DISTANT_MS = 80;
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
  readonly #waits: Waits;
  readonly #retries: number;
  readonly #concurrency: number;
  readonly patience: Patience;
  #sent = 0;
  #reached = false;
  #quickestMs: number | undefined;
  #dialsAhead: boolean;

  constructor(origin: URL, options: RegistryOptions) {
    this.origin = origin;
    this.patience = { ...PATIENCE, ...options.patience };
    this.#connections = new Connections(options.egress, options.caCertificate, this.patience);
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#dialsAhead = options.dialAhead === true;
    if (this.#dialsAhead) {
      this.#connections.dialAhead(origin, Math.min(DIALLED_AHEAD, this.#concurrency));
    }
    this.#auth = new Authenticator(origin, credentialsOf(options), (exchange) => this.#exchange(exchange));
    this.#requests = new Limiter(this.#concurrency);
    this.#streams = new Limiter(this.#concurrency);
    this.#waits = new Waits(options.onWait);
    this.#retries = options.retries ?? DEFAULT_RETRIES;
  }

  /** Requests so far: retries, redirects and token requests included. */
  get sent(): number {
    return this.#sent;
  }

  /** The quickest answer so far, ms; with what opening its connection took. */
  get quickestMs(): number | undefined {
    return this.#quickestMs;
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
  async call<T>(
    call: Call,
    consume: (answer: Answer) => Promise<T>,
    landed?: () => Promise<{ result: T } | null>,
  ): Promise<T> {
    const attempt = async () => {
      const leave = await this.#requests.enter(call.signal);
      let timer: NodeJS.Timeout | undefined;
      let answer: Answer | undefined;
      try {
        answer = await this.#ask(call);
        const { body, url } = answer;
        // Made when it is needed: an error with its stack for each request took a fortieth of the whole time.
        const giveUp = () => {
          const at = { method: call.method, url: bareUrl(url) };
          body.cancel(new TransportError("TIMEOUT", at, "the answer takes too long"));
        };
        timer = body.ended ? undefined : setTimeout(giveUp, this.patience.wholeBodyMs);
        const result = await consume(answer);
        if (!body.empty) {
          await body.excerpt(LEFTOVER_BYTES);
        }
        return result;
      } finally {
        clearTimeout(timer);
        answer?.body.cancel();
        leave();
      }
    };
    return this.#retrying(call, attempt, landed);
  }

  /** Asks for a body that the caller reads at its own pace, to the end or until it cancels it. */
  async open(call: Call): Promise<Answer> {
    return this.#retrying(call, async () => {
      const leave = await this.#streams.enter(call.signal);
      try {
        const answer = await this.#ask(call);
        answer.body.whenSettled(leave);
        return answer;
      } catch (error) {
        leave();
        throw error;
      }
    });
  }

  /**
   * Resolves a URL that an answer named (Location of an upload, Link of a page): it must stay at the registry's own
   * origin, because requests to it carry credentials (CVE-2026-50151, GHSA-298f-872v-2rcx).
   * @throws {TransportError} REDIRECT_REFUSED
   */
  ownUrl(text: string, base: URL, method: string): URL {
    const url = URL.canParse(text, base.href) ? new URL(text, base) : null;
    if (url === null || url.origin !== this.origin.origin || url.username !== "" || url.password !== "") {
      throw new TransportError(
        "REDIRECT_REFUSED",
        { method, url: bareUrl(base) },
        `the answer points away from the registry${url ? `, to ${url.protocol}//${url.host}` : ""}`,
      );
    }
    url.hash = "";
    return url;
  }

  /** Pause before the given repetition (1, 2, …). */
  backoffMs(retry: number): number {
    return backoffMs(retry, Math.random(), this.patience);
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #retrying<T>(
    call: Call,
    attempt: () => Promise<T>,
    landed?: () => Promise<{ result: T } | null>,
  ): Promise<T> {
    const replayable = call.body === undefined || call.body instanceof Uint8Array;
    for (let retry = 1; ; retry++) {
      await this.#waits.opening(call.signal);
      try {
        return await attempt();
      } catch (error) {
        call.signal?.throwIfAborted();
        const most =
          call.retries ??
          (this.#reached ? this.#retries : Math.min(this.#retries, RETRIES_BEFORE_FIRST_ANSWER));
        if (!replayable || retry > most || !isRetryable(error)) {
          throw error;
        }
        await this.pauseAfter(error, retry, call.signal);
        const done = error instanceof TransportError || error.status >= 500 ? await landed?.() : null;
        if (done) {
          return done.result;
        }
      }
    }
  }

  /** The pause before the given repetition (1, 2, …) of what failed like this: as long as the registry asked for, or longer. */
  pauseAfter(error: RegistryError | TransportError, retry: number, signal: AbortSignal | undefined) {
    const said = error instanceof RegistryError ? error.retryAfterMs : undefined;
    const asked = said === undefined ? undefined : Math.min(said, this.patience.retryAfterMostMs);
    const limited = error instanceof RegistryError && error.status === 429;
    if (limited && asked !== undefined) {
      this.#waits.closeFor(asked);
    }
    const ms = Math.max(asked ?? 0, this.backoffMs(retry));
    return this.#waits.pause(ms, limited || asked !== undefined ? "rate-limit" : "backoff", signal);
  }

  /** One attempt: challenges and redirects included. The body of what is returned is unread. */
  async #ask(call: Call): Promise<Answer> {
    let url = typeof call.to === "string" ? new URL(call.to, this.origin) : call.to;
    let challenges = 0;
    for (let redirects = 0; ; ) {
      const own = url.origin === this.origin.origin;
      const authorization = own
        ? ((await this.#auth.authorization(call.scopes, call.signal)) ?? call.unasked)
        : undefined;
      const headers = { ...call.headers, ...(authorization ? { authorization } : {}) };
      await call.beforeSending?.();
      const answer = await this.#exchange({ ...call, url, headers });
      if (own) {
        this.#waits.hear(answer, this.patience.retryAfterMostMs);
      }
      const challenged = answer.status === 401 && own && challenges < MAX_CHALLENGES;
      if (challenged && (await this.#heeds(answer, call, authorization))) {
        challenges += 1;
        continue;
      }
      if (isRedirect(answer) && !call.expect.includes(answer.status)) {
        redirects += 1;
        url = redirectTarget(call.method, answer, redirects);
        await answer.body.excerpt(LEFTOVER_BYTES);
        continue;
      }
      return this.#settle(call, answer);
    }
  }

  /** Whether asking again, with what the challenge wants, can help. Then the body has been read. */
  async #heeds({ headers, body }: Answer, call: Call, used: string | undefined): Promise<boolean> {
    const replayable = call.body === undefined || call.body instanceof Uint8Array;
    try {
      const heard = this.#auth.hear(headers.get("www-authenticate"), call.scopes, used) && replayable;
      await (heard ? body.excerpt(LEFTOVER_BYTES) : undefined);
      return heard;
    } catch (error) {
      // A token server that may not be asked: nobody reads what came with it.
      body.cancel();
      throw error;
    }
  }

  async #settle(call: Call, answer: Answer): Promise<Answer> {
    if (answer.status === 429) {
      this.#requests.slowDown();
      this.#streams.slowDown();
    } else {
      this.#requests.succeed();
      this.#streams.succeed();
    }
    if (!call.expect.includes(answer.status)) {
      throw await registryError(answer, call.method, this.#auth.secrets);
    }
    return answer;
  }

  async #exchange(exchange: Exchange): Promise<Answer> {
    this.#sent += 1;
    const answer = await this.#connections.send(exchange);
    this.#reached = true;
    if (answer.url.origin === this.origin.origin) {
      this.#quickestMs = Math.min(answer.elapsedMs, this.#quickestMs ?? answer.elapsedMs);
      if (this.#dialsAhead && this.#quickestMs > DISTANT_MS) {
        this.#dialsAhead = false;
        this.#connections.dialAhead(this.origin, this.#concurrency);
      }
    }
    return answer;
  }
}

function credentialsOf({ username, password }: RegistryOptions): Credentials | undefined {
  return username || password ? { username: username ?? "", password: password ?? "" } : undefined;
}
