import { ChunkedDecoder } from "./chunked-decoder.ts";
import { HttpError, malformed } from "./http-error.ts";
import { type Framing, framingOf, parseHead, type ResponseHead } from "./response-head.ts";

/** Of all heads of one answer together, 1xx included: as much as Node allows. */
const MOST_HEAD_BYTES = 16 * 1024;
const HEAD_END = "\r\n\r\n";
/** Most heads are shorter. */
const LIKELY_HEAD_BYTES = 1_024;

/** What is told of an answer as it comes. */
export interface AnswerListener {
  onHead(head: ResponseHead, framing: Framing): void;
  /** A part of the body: these bytes of those that were read last. */
  onPart(start: number, end: number): void;
}

/** Reads answers, one after the other and however their bytes are cut, and finds where each ends. */
export class AnswerReader {
  readonly #listener: AnswerListener;
  #method = "";
  /** The head, as far as it came in earlier reads. */
  #begun: Buffer | undefined;
  #headBytes = 0;
  #framing: Framing | undefined;
  #chunks: ChunkedDecoder | undefined;
  #left = 0;
  #ended = false;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  /** The next answer is that to a request of this method: what HEAD is answered has no body. */
  expect(method: string): void {
    this.#method = method;
    this.#begun = undefined;
    this.#headBytes = 0;
    this.#framing = undefined;
    this.#chunks = undefined;
    this.#left = 0;
    this.#ended = false;
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
    const whole = this.#begun ? undefined : wholeHead(bytes, from);
    if (whole !== undefined) {
      this.#count(whole.length + HEAD_END.length);
      this.#hear(parseHead(whole));
      return from + whole.length + HEAD_END.length;
    }
    const before = this.#begun?.byteLength ?? 0;
    const all = this.#begun ? Buffer.concat([this.#begun, bytes.subarray(from)]) : bytes.subarray(from);
    // The end may have come in two halves.
    const end = all.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length), "latin1");
    if (end === -1) {
      this.#judge(all.byteLength);
      this.#begun = Buffer.from(all);
      return bytes.byteLength;
    }
    const length = end + HEAD_END.length;
    this.#begun = undefined;
    this.#count(length);
    this.#hear(parseHead(all.toString("utf8", 0, end)));
    return from + length - before;
  }

  #count(length: number): void {
    this.#judge(length);
    this.#headBytes += length;
  }

  #judge(length: number): void {
    if (this.#headBytes + length > MOST_HEAD_BYTES) {
      throw new HttpError("HEAD_TOO_LONG", `the head of the answer is over ${MOST_HEAD_BYTES} bytes`);
    }
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

/** A short head that came in one piece, where each byte is a character; undefined for every other. */
function wholeHead(bytes: Buffer, from: number): string | undefined {
  const to = Math.min(bytes.byteLength, from + LIKELY_HEAD_BYTES);
  const text = bytes.toString("utf8", from, to);
  const end = text.length === to - from ? text.indexOf(HEAD_END) : -1;
  return end === -1 ? undefined : text.slice(0, end);
}
