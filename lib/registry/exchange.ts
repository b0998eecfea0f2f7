import { type AbortListener, abortHub } from "./abort-hub.ts";
import { type Address, bareUrl } from "./address.ts";
import { EgressDenied, guardedConnector } from "./connector.ts";
import { TransportError, type TransportErrorCode } from "./errors.ts";
import { HttpError } from "./http/http-error.ts";
import { type Dial, type Errand, Pool } from "./http/pool.ts";
import type { Flow, Receiver } from "./http/receiver.ts";
import { Fields } from "./http/request-head.ts";
import type { ResponseHead } from "./http/response-head.ts";
import { PATIENCE, type Patience } from "./patience.ts";
import type { EgressRule } from "./repository.ts";
import { ResponseBody } from "./response-body.ts";

const KEEP_ALIVE_MS = 15_000;
const USER_AGENT = "lockstep";

export interface Exchange {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: Address;
  headers?: Readonly<Record<string, string>> | Fields | undefined;
  /** Bytes can be sent again; a stream cannot, and is told its length by a Content-Length header. */
  body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  headersTimeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** By lower-case name; of repeated fields all, joined by a comma. */
  headers: ReadonlyMap<string, string>;
  /** Where the answer came from, after redirects. */
  url: Address;
  body: ResponseBody;
  /** From sending to the first line of the answer. */
  elapsedMs: number;
}

/** Keep-alive connections to one registry and to wherever it redirects. Knows HTTP, knows nothing of registries. */
export class Connections {
  readonly #pools = new Map<string, Pool>();
  readonly #dial: Dial;
  readonly #patience: Patience;
  #closed = false;

  constructor(egress: EgressRule, caCertificate: string | undefined, patience: Patience = PATIENCE) {
    this.#patience = patience;
    this.#dial = guardedConnector(egress, caCertificate);
  }

  /**
   * One request and the head of its answer, whatever its status; the body follows as it is read.
   * @throws {TransportError} when no answer came
   * @throws the signal's reason when it is aborted
   */
  send(exchange: Exchange): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { method, url, body, signal } = exchange;
      signal?.throwIfAborted();
      const path = url.pathname + url.search;
      const fields = Fields.of(exchange.headers);
      const headersMs = exchange.headersTimeoutMs ?? this.#patience.headersMs;
      const reception = new Reception(exchange, this.#patience.slowWindowMs, resolve, reject);
      reception.begin(this.#poolOf(url).run({ method, path, fields, body, headersMs }, reception));
    });
  }

  /** Opens connections that will be needed, up to so many in all, so that requests do not wait for them. */
  dialAhead(url: Address, count: number): void {
    this.#poolOf(url).dialAhead(count);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const pool of this.#pools.values()) {
      pool.close();
    }
  }

  #poolOf(url: Address): Pool {
    if (this.#closed) {
      throw new Error("the client was closed");
    }
    let pool = this.#pools.get(url.origin);
    if (!pool) {
      const times = { idleBodyMs: this.#patience.idleBodyMs, keepAliveMs: KEEP_ALIVE_MS };
      const common = Fields.of({ host: url.host, connection: "keep-alive", "user-agent": USER_AGENT });
      pool = new Pool({ place: url, common, dial: this.#dial, times });
      this.#pools.set(url.origin, pool);
    }
    return pool;
  }
}

/** Makes an answer of what comes, and an error of what does not. */
class Reception implements Receiver, AbortListener {
  hubPlace: number | undefined = undefined;
  readonly #exchange: Exchange;
  readonly #slowWindowMs: number;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #startedMs = performance.now();
  #errand: Errand | undefined;
  #over = false;
  #body: ResponseBody | undefined;

  constructor(
    exchange: Exchange,
    slowWindowMs: number,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#exchange = exchange;
    this.#slowWindowMs = slowWindowMs;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @param errand the exchange, wherever it is */
  begin(errand: Errand): void {
    const { signal } = this.#exchange;
    if (signal && !this.#over) {
      this.#errand = errand;
      abortHub(signal).add(this);
    }
  }

  onAbort(reason: unknown): void {
    this.#errand?.giveUp(reason);
  }

  onHead({ status, headers }: ResponseHead, flow: Flow): void {
    const slow = () => this.#error("TIMEOUT", "the answer only trickles in");
    const body = new ResponseBody(flow, slow, this.#slowWindowMs);
    this.#body = body;
    const elapsedMs = performance.now() - this.#startedMs;
    this.#resolve({ status, headers, url: this.#exchange.url, body, elapsedMs });
  }

  onData(chunk: Uint8Array): void {
    this.#body?.push(chunk);
  }

  onEnd(): void {
    this.#release();
    this.#body?.end();
  }

  onError(error: unknown, ours: boolean): void {
    this.#release();
    const { signal } = this.#exchange;
    const classified = () => (error instanceof Error ? this.#classify(error) : error);
    // The failure of what was to be sent explains a broken request better than the breakage.
    const fact =
      ours && !(error instanceof HttpError) ? error : signal?.aborted ? signal.reason : classified();
    this.#reject(fact);
    this.#body?.fail(fact);
  }

  #release(): void {
    const { signal } = this.#exchange;
    this.#over = true;
    if (signal) {
      abortHub(signal).delete(this);
    }
  }

  #classify(error: Error): TransportError {
    const code = codeOf(error);
    const [kind, message] = classify(error, code);
    return this.#error(kind, message, error);
  }

  #error(code: TransportErrorCode, message: string, cause?: Error): TransportError {
    const { method, url } = this.#exchange;
    return new TransportError(
      code,
      { method, url: bareUrl(url) },
      message,
      cause === undefined ? undefined : { cause },
    );
  }
}

function codeOf(error: Error): string {
  const nested =
    error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  return "code" in nested && typeof nested.code === "string" ? nested.code : "";
}

const TIMEOUTS = new Set(["CONNECT_TIMEOUT", "HEADERS_TIMEOUT", "BODY_TIMEOUT", "ETIMEDOUT"]);
const DNS_FAILURES = /^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL|EREFUSED$)/;
const TLS_FAILURES =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;

function classify(error: Error, code: string): [TransportErrorCode, string] {
  if (error instanceof EgressDenied) {
    return ["EGRESS_DENIED", error.message];
  }
  if (TIMEOUTS.has(code)) {
    return ["TIMEOUT", `no answer in time (${code})`];
  }
  if (DNS_FAILURES.test(code)) {
    return ["DNS", `the name cannot be resolved (${code})`];
  }
  if (TLS_FAILURES.test(code) || /certificate|\bTLS\b|\bSSL\b/i.test(error.message)) {
    // OpenSSL's reason; what follows is advice of Node's to whoever started it.
    return ["TLS", `${error.message.split(/\n|; if the root CA/)[0]} (${code})`];
  }
  const known = code === "" || error instanceof HttpError;
  return ["CONNECTION", known ? error.message : `the connection failed (${code})`];
}
