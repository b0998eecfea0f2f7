import { Agent, type Dispatcher } from "undici";
import { EgressDenied, guardedConnector } from "./connector.ts";
import { DialAhead } from "./dial-ahead.ts";
import { TransportError, type TransportErrorCode } from "./errors.ts";
import { PATIENCE, type Patience } from "./patience.ts";
import type { EgressRule } from "./repository.ts";
import { ResponseBody } from "./response-body.ts";

const KEEP_ALIVE_MS = 15_000;
const USER_AGENT = "lockstep";

export interface Exchange {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: URL;
  headers: Record<string, string>;
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
  url: URL;
  body: ResponseBody;
  /** From sending to the first line of the answer. */
  elapsedMs: number;
}

/** The URL as messages show it: without user info, query and fragment. */
export function bareUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Keep-alive connections to one registry and to wherever it redirects. Knows HTTP, knows nothing of registries. */
export class Connections {
  readonly #agent: Agent;
  readonly #dialling: DialAhead;
  readonly #patience: Patience;

  constructor(egress: EgressRule, caCertificate: string | undefined, patience: Patience = PATIENCE) {
    this.#patience = patience;
    this.#dialling = new DialAhead(guardedConnector(egress, caCertificate));
    this.#agent = new Agent({
      connect: this.#dialling.connect,
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      bodyTimeout: patience.idleBodyMs,
    });
  }

  /**
   * One request and the head of its answer, whatever its status; the body follows as it is read.
   * @throws {TransportError} when no answer came
   * @throws the signal's reason when it is aborted
   */
  send(exchange: Exchange): Promise<Answer> {
    return new Promise((resolve, reject) => {
      exchange.signal?.throwIfAborted();
      const handler = new AnswerHandler(exchange, this.#patience.slowWindowMs, resolve, reject);
      this.#agent.dispatch(
        {
          origin: exchange.url.origin,
          path: `${exchange.url.pathname}${exchange.url.search}`,
          method: exchange.method,
          headers: { "user-agent": USER_AGENT, ...exchange.headers },
          // undici takes async iterables; its type of this option does not say so.
          body: handler.body as Dispatcher.DispatchOptions["body"],
          // Without this undici closes the connection after every HEAD.
          reset: false,
          headersTimeout: exchange.headersTimeoutMs ?? this.#patience.headersMs,
        },
        handler,
      );
    });
  }

  /** Opens connections that will be needed, so that requests do not wait for them. */
  dialAhead(url: URL): void {
    this.#dialling.begin(url);
  }

  close(): Promise<void> {
    this.#dialling.close();
    return this.#agent.destroy();
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  /** What is sent: a stream is watched, because its own failure explains a broken request better than the breakage. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly #exchange: Exchange;
  readonly #slowWindowMs: number;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #startedMs = performance.now();
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #answerBody: ResponseBody | undefined;
  #source: AsyncIterator<Uint8Array> | undefined;
  #sourceFailure: unknown;

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
    this.body =
      exchange.body === undefined || exchange.body instanceof Uint8Array
        ? (exchange.body ?? null)
        : this.#watched(exchange.body);
    this.#onAbort = () => {
      // A request that still waits for its connection has no controller: it ends when it is about to start.
      reject(exchange.signal?.reason);
      this.#controller?.abort(abortReason(exchange.signal));
    };
    exchange.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#exchange.signal?.aborted) {
      this.#onAbort();
    }
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) {
      return;
    }
    const slow = () => this.#error("TIMEOUT", "the answer only trickles in");
    this.#answerBody = new ResponseBody(controller, slow, this.#slowWindowMs);
    const joined = new Map<string, string>();
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) {
        joined.set(name.toLowerCase(), Array.isArray(value) ? value.join(", ") : value);
      }
    }
    this.#resolve({
      status,
      headers: joined,
      url: this.#exchange.url,
      body: this.#answerBody,
      elapsedMs: performance.now() - this.#startedMs,
    });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#answerBody?.push(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    this.#answerBody?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#release();
    const { signal } = this.#exchange;
    const fact = this.#sourceFailure ?? (signal?.aborted ? signal.reason : this.#classify(error));
    this.#reject(fact);
    this.#answerBody?.fail(fact);
  }

  #release(): void {
    this.#exchange.signal?.removeEventListener("abort", this.#onAbort);
    // A request that is over needs no more of its body; the sender of the body may be waiting for a slow network.
    void this.#source?.return?.().catch(() => undefined);
  }

  #watched(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () => {
        const source = content[Symbol.asyncIterator]();
        this.#source = source;
        return {
          next: async () => {
            try {
              return await source.next();
            } catch (error) {
              this.#sourceFailure = error;
              throw error;
            }
          },
          return: async () => {
            await source.return?.();
            return { done: true, value: undefined };
          },
        };
      },
    };
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

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal?.reason });
}

function codeOf(error: Error): string {
  const nested =
    error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  return "code" in nested && typeof nested.code === "string" ? nested.code : "";
}

const TIMEOUTS = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);
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
  return ["CONNECTION", code === "" ? error.message : `the connection failed (${code})`];
}
