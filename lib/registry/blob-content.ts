import { pipeline, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { bareUrl } from "./address.ts";
import type { Descriptor } from "./descriptor.ts";
import { ContentError, RegistryError, TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { ResponseBody } from "./response-body.ts";
import { markPassing } from "./spent.ts";
import type { Verifier } from "./verify.ts";
import { isWebPage, webPage } from "./web-page.ts";

/** Broken reads in a row that brought nothing worth mentioning, and in all. */
const MAX_FRUITLESS_READS = 3;
const MAX_BROKEN_READS = 50;
const PROGRESS_BYTES = 1024 * 1024;

export interface BlobReading {
  blob: Descriptor;
  signal: AbortSignal | undefined;
  /** Pause before the given repetition (1, 2, …). */
  backoffMs: (retry: number) => number;
  /** Asks for the blob from a byte on. */
  open: (from: number) => Promise<Answer>;
}

/**
 * The bytes of a blob, verified as they pass, read on by Range where a read breaks. The last chunk is handed out only
 * when digest and size are right. Whoever does not read to the end calls `return`, or aborts the signal.
 */
export class BlobContent implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #reading: BlobReading;
  readonly #verifier: Verifier;
  #answer: Answer;
  #chunks: AsyncIterator<Uint8Array>;
  /** Bytes still to be passed over, where a registry answers a Range with the whole. */
  #skip = 0;
  /** The newest chunk waits here until the next one, or the end, proves that it may go. */
  #held: Uint8Array | undefined;
  #done = false;
  #broken = 0;
  #fruitless = 0;
  #brokenAt = 0;

  /** @throws {ContentError} SIZE_MISMATCH when the registry announces another length */
  constructor(reading: BlobReading, verifier: Verifier, answer: Answer) {
    this.#reading = reading;
    this.#verifier = verifier;
    this.#answer = answer;
    this.#chunks = this.#begin(answer);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    try {
      while (!this.#done) {
        const chunk = await this.#read();
        if (chunk === undefined) {
          this.#done = true;
          this.#verifier.finish();
          break;
        }
        this.#verifier.update(chunk);
        const held = this.#held;
        this.#held = chunk;
        if (held) {
          markPassing(held);
          return { done: false, value: held };
        }
      }
    } catch (error) {
      await this.return();
      throw error;
    }
    const last = this.#held;
    this.#held = undefined;
    return last ? { done: false, value: last } : { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#done = true;
    this.#held = undefined;
    this.#answer.body.cancel();
    return { done: true, value: undefined };
  }

  /** The next bytes that are new; undefined at the end. Goes on by Range as long as that makes sense. */
  async #read(): Promise<Uint8Array | undefined> {
    for (;;) {
      let failure: unknown;
      try {
        const { done, value } = await this.#chunks.next();
        const chunk = done ? undefined : this.#fresh(value);
        if (chunk && chunk.byteLength > 0) {
          return chunk;
        }
        if (!done) {
          continue;
        }
      } catch (error) {
        failure = error;
      }
      if (this.#verifier.complete) {
        return undefined;
      }
      await this.#resume(failure ?? this.#error("the body ended early"));
    }
  }

  #fresh(chunk: Uint8Array): Uint8Array {
    const passed = Math.min(this.#skip, chunk.byteLength);
    this.#skip -= passed;
    return passed === 0 ? chunk : chunk.subarray(passed);
  }

  /** @throws what broke the read, when going on makes no sense any more */
  async #resume(failure: unknown): Promise<void> {
    const { signal, open, backoffMs } = this.#reading;
    const from = this.#verifier.received;
    this.#fruitless = from - this.#brokenAt >= PROGRESS_BYTES ? 1 : this.#fruitless + 1;
    this.#brokenAt = from;
    this.#broken += 1;
    const hopeless = this.#fruitless > MAX_FRUITLESS_READS || this.#broken > MAX_BROKEN_READS;
    const resumable = failure instanceof TransportError && failure.retryable && !hopeless;
    this.#answer.body.cancel();
    if (resumable && !this.#done) {
      await sleep(backoffMs(this.#fruitless), undefined, signal ? { signal } : {}).catch(() => undefined);
      signal?.throwIfAborted();
    }
    // Somebody may have given up during the pause.
    if (!resumable || this.#done) {
      throw failure;
    }
    this.#answer = await open(from);
    if (this.#done) {
      this.#answer.body.cancel();
      throw failure;
    }
    this.#chunks = this.#begin(this.#answer);
  }

  /** Checks the head of an answer against what is missing, and finds where in the blob its body begins. */
  #begin(answer: Answer): AsyncIterator<Uint8Array> {
    try {
      const from = this.#verifier.received;
      const start = answer.status === 206 ? rangeStart(answer.headers.get("content-range")) : 0;
      if (start === undefined || start > from) {
        throw this.#error("the registry answered with another range");
      }
      this.#skip = from - start;
      const expected = this.#reading.blob.size - start;
      const length = answer.headers.get("content-length");
      const misled = isWebPage(answer) && Number(length ?? -1) !== expected;
      if (misled && !this.#reading.blob.mediaType.startsWith("text/html")) {
        throw webPage("a blob");
      }
      const encoding = answer.headers.get("content-encoding")?.trim().toLowerCase() || "identity";
      // Stores label a layer `gzip` because it is one: then the length is that of the blob and nothing is to be decoded.
      if (encoding === "identity" || Number(length) === expected) {
        if (length !== undefined && Number(length) !== expected) {
          throw new ContentError("SIZE_MISMATCH", `${expected} bytes`, `${length} bytes`);
        }
        return answer.body[Symbol.asyncIterator]();
      }
      // A proxy compressed although it was asked not to (FS27).
      if (!/^(?:x-)?gzip$/.test(encoding) || answer.status === 206) {
        throw unsupported(answer, encoding);
      }
      return gunzipped(answer.body, (cause) => this.#error("the compressed body is damaged", cause));
    } catch (error) {
      answer.body.cancel();
      throw error;
    }
  }

  #error(message: string, cause?: unknown): TransportError {
    const request = { method: "GET", url: bareUrl(this.#answer.url) };
    return new TransportError("CONNECTION", request, message, { cause });
  }
}

async function* gunzipped(
  body: ResponseBody,
  damaged: (cause: unknown) => TransportError,
): AsyncGenerator<Uint8Array> {
  // Read when it is needed, as with hardly any registry: each start would pay for it.
  const { createGunzip } = await import("node:zlib");
  try {
    yield* pipeline(Readable.from(body), createGunzip(), () => undefined);
  } catch (error) {
    throw error instanceof TransportError ? error : damaged(error);
  }
}

function rangeStart(header: string | undefined): number | undefined {
  const start = /^bytes (\d{1,15})-/.exec(header ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

function unsupported(answer: Answer, encoding: string): RegistryError {
  return new RegistryError({
    code: "UNSUPPORTED",
    status: answer.status,
    method: "GET",
    url: bareUrl(answer.url),
    detail: `the blob came with Content-Encoding ${encoding.slice(0, 40)}`,
  });
}
