import { malformed } from "./http-error.ts";

export interface ResponseHead {
  readonly status: number;
  /** By lower-case name; of repeated fields all, joined by a comma. */
  readonly headers: Map<string, string>;
  /** Of HTTP/1.<minor>. */
  readonly minor: 0 | 1;
}

/** How the end of a body is known. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: \P{Cc}*)?$/u;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** But the tab, and CR LF together. */
const CONTROL = /[^\P{Cc}\t\r\n]|\r(?!\n)|(?<!\r)\n/u;

/**
 * Reads the head of an answer strictly: what two readers could take for two things is refused, not guessed at.
 * RFC 9112, 4 (status line), 5 (fields), 5.2 (folded lines: a space each).
 * @param text all lines, without the empty one at the end
 * @throws {HttpError} MALFORMED
 */
export function parseHead(text: string): ResponseHead {
  let end = text.indexOf("\r\n");
  const status = STATUS_LINE.exec(end === -1 ? text : text.slice(0, end));
  if (!status) {
    throw malformed("its first line");
  }
  if (CONTROL.test(text)) {
    throw malformed("a control character in its head");
  }
  const headers = new Map<string, string>();
  let name = "";
  while (end !== -1) {
    const start = end + 2;
    end = text.indexOf("\r\n", start);
    const stop = end === -1 ? text.length : end;
    if (isBlank(text.charCodeAt(start))) {
      if (name === "") {
        throw malformed("its first field");
      }
      headers.set(name, `${headers.get(name)} ${trimmed(text, start, stop)}`);
      continue;
    }
    const colon = text.indexOf(":", start);
    const said = text.slice(start, Math.max(colon, start));
    if (!NAME.test(said)) {
      throw malformed("the name of a field");
    }
    name = said.toLowerCase();
    const value = trimmed(text, colon + 1, stop);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status[2]), headers, minor: status[1] === "0" ? 0 : 1 };
}

/** That part, without the spaces and tabs around it, and no other white space. */
function trimmed(text: string, start: number, end: number): string {
  let [from, to] = [start, end];
  while (from < to && isBlank(text.charCodeAt(from))) {
    from += 1;
  }
  while (to > from && isBlank(text.charCodeAt(to - 1))) {
    to -= 1;
  }
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * RFC 9112, 6.3. Two lengths, or a length and chunks, are how one answer is smuggled into another (6.1, 11.1): refused.
 * @throws {HttpError} MALFORMED
 */
export function framingOf(method: string, { status, headers, minor }: ResponseHead): Framing {
  if (method === "HEAD" || status === 204 || status === 304) {
    return { kind: "none" };
  }
  const length = headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked" || minor === 0) {
      throw malformed("its transfer coding");
    }
    if (length !== undefined) {
      throw malformed("a length beside chunks");
    }
    return { kind: "chunked" };
  }
  if (length === undefined) {
    return { kind: "close" };
  }
  if (!/^\d{1,15}$/.test(length)) {
    throw malformed("its length");
  }
  return { kind: "length", bytes: Number(length) };
}

/** Longest that a connection may be left unused, ms; 0: it is used no more. RFC 9112, 9.3. */
export function keepAliveMs({ headers, minor }: ResponseHead, mostMs: number): number {
  const options = headers.get("connection");
  if (minor === 0 || (options !== undefined && /(?:^|,)\s*close\s*(?:,|$)/i.test(options))) {
    return 0;
  }
  const said = headers.get("keep-alive");
  const hint = said && /(?:^|[,;\s])timeout\s*=\s*(\d{1,9})/i.exec(said)?.[1];
  // A little earlier than the server, so that no request meets its farewell.
  return !hint ? mostMs : Math.max(0, Math.min(mostMs, Number(hint) * 1_000 - 1_000));
}
