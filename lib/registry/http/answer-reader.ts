import { ChunkedDecoder } from "./chunked-decoder.ts";
import { HttpError, malformed } from "./http-error.ts";
import { type Framing, framingOf, parseHead, type ResponseHead } from "./response-head.ts";

/** Of all heads of one answer together, 1xx included: as much as Node allows. */
const MOST_HEAD_BYTES = 16 * 1024;
const HEAD_END = Buffer.from("\r\n\r\n");

/** What is told of an answer as it comes. */
export interface AnswerListener {
  onHead(head: ResponseHead, framing: Framing): void;
  /** A part of the body: these bytes of those that were read last. */
  onPart(start: number, end: number): void;
}

/** Reads one answer, however its bytes are cut, and finds where it ends. */
export class AnswerReader {
  readonly #method: string;
  readonly #listener: AnswerListener;
  /** The head, as far as it came in earlier reads. */
  #begun: Buffer | undefined;
  #headBytes = 0;
  #framing: Framing | undefined;
  #chunks: ChunkedDecoder | undefined;
  #left = 0;
  #ended = false;

  /** @param method of the request: what HEAD is answered has no body */
  constructor(method: string, listener: AnswerListener) {
    this.#method = method;
    this.#listener = listener;
  }

  /** The head is there. */
  get begun(): boolean {
    return this.#framing !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The end of the connection is the end of the answer. */
  get endsWithConnection(): boolean {
    return this.#framing?.kind === "close";
  }

  /** @returns where in `bytes` it stopped: behind them, or behind the answer. @throws {HttpError} */
  read(bytes: Buffer, from: number): number {
    return this.#framing ? this.#readBody(bytes, from) : this.#readHead(bytes, from);
  }

  #readHead(bytes: Buffer, from: number): number {
    const before = this.#begun?.byteLength ?? 0;
    const all = this.#begun ? Buffer.concat([this.#begun, bytes.subarray(from)]) : bytes;
    const start = this.#begun ? 0 : from;
    // The end may have come in two halves.
    const end = all.indexOf(HEAD_END, Math.max(start, before - HEAD_END.length));
    const length = (end === -1 ? all.byteLength : end + HEAD_END.length) - start;
    if (this.#headBytes + length > MOST_HEAD_BYTES) {
      throw new HttpError("HEAD_TOO_LONG", `the head of the answer is over ${MOST_HEAD_BYTES} bytes`);
    }
    if (end === -1) {
      this.#begun = Buffer.from(all.subarray(start));
      return bytes.byteLength;
    }
    this.#begun = undefined;
    this.#headBytes += length;
    this.#hear(parseHead(all.toString("utf8", start, end)));
    return from + length - before;
  }

  #hear(head: ResponseHead): void {
    if (head.status < 200) {
      if (head.status === 101) {
        throw malformed("another protocol that nobody asked for");
      }
      return;
    }
    const framing = framingOf(this.#method, head);
    this.#framing = framing;
    this.#chunks = framing.kind === "chunked" ? new ChunkedDecoder() : undefined;
    this.#left = framing.kind === "length" ? framing.bytes : 0;
    this.#ended = framing.kind === "none" || (framing.kind === "length" && framing.bytes === 0);
    this.#listener.onHead(head, framing);
  }

  #readBody(bytes: Buffer, from: number): number {
    if (this.#chunks) {
      const at = this.#chunks.feed(bytes, from, (start, end) => this.#listener.onPart(start, end));
      this.#ended = this.#chunks.done;
      return at;
    }
    const known = this.#framing?.kind === "length";
    const end = known ? Math.min(bytes.byteLength, from + this.#left) : bytes.byteLength;
    this.#left -= end - from;
    this.#ended = known && this.#left === 0;
    this.#listener.onPart(from, end);
    return end;
  }
}
