import { malformed } from "./http-error.ts";

/** Of the line before a chunk, with what some servers add to the size. */
const MOST_LINE_BYTES = 1_024;
const MOST_TRAILER_BYTES = 16 * 1_024;
const LF = 10;

const SIZE_LINE = /^([0-9a-fA-F]{1,13})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

/**
 * Takes the chunked coding off, as its bytes come, however they are cut. Line ends are CR LF and nothing else: what reads a bare LF
 * as one sees other chunks. Trailers are passed over. RFC 9112, 7.1.
 */
export class ChunkedDecoder {
  #state: "size" | "data" | "data-end" | "trailer" | "done" = "size";
  /** Of the chunk. */
  #left = 0;
  #line = "";
  #trailerBytes = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  /**
   * @param emit gets the content, as parts of `bytes`
   * @returns where in `bytes` it stopped: behind them, or behind the last chunk
   * @throws {HttpError} MALFORMED
   */
  feed(bytes: Buffer, from: number, emit: (start: number, end: number) => void): number {
    let at = from;
    while (at < bytes.byteLength && this.#state !== "done") {
      if (this.#state === "data") {
        const end = Math.min(bytes.byteLength, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) {
          this.#state = "data-end";
        }
        emit(at, end);
        at = end;
      } else {
        at = this.#readLine(bytes, at);
      }
    }
    return at;
  }

  #readLine(bytes: Buffer, from: number): number {
    const found = bytes.indexOf(LF, from);
    const end = found === -1 ? bytes.byteLength : found + 1;
    if (end - from > MOST_LINE_BYTES || this.#line.length > MOST_LINE_BYTES) {
      throw malformed("a line among its chunks");
    }
    this.#line += bytes.toString("latin1", from, end);
    if (found !== -1) {
      const line = this.#line;
      this.#line = "";
      if (!line.endsWith("\r\n")) {
        throw malformed("a line among its chunks");
      }
      this.#hear(line.slice(0, -2));
    }
    return end;
  }

  #hear(line: string): void {
    if (this.#state === "size") {
      const size = SIZE_LINE.exec(line)?.[1];
      if (size === undefined) {
        throw malformed("the size of a chunk");
      }
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (this.#state === "data-end") {
      if (line !== "") {
        throw malformed("the end of a chunk");
      }
      this.#state = "size";
    } else if (line === "") {
      this.#state = "done";
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MOST_TRAILER_BYTES || line.includes("\r")) {
        throw malformed("its trailer");
      }
    }
  }
}
