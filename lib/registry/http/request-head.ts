export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is told its length by a Content-Length header. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Silence before the answer begins, ms. */
  readonly headersMs: number;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The lines of a request, the empty one at their end included. RFC 9112, 3 and 5.
 * @throws {TypeError} for a field that would be another field, or the end of the head, to whoever reads it
 */
export function requestHead({ method, url, headers, body }: HttpRequest): string {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw new TypeError(`not a header that can be sent: ${JSON.stringify(name.slice(0, 80))}`);
    }
    head += `${name}: ${value}\r\n`;
  }
  return `${head}${missingLength(method, headers, body)}\r\n`;
}

function missingLength(method: string, headers: HttpRequest["headers"], body: HttpRequest["body"]): string {
  if (headers["content-length"] !== undefined) {
    return "";
  }
  if (body instanceof Uint8Array) {
    return `content-length: ${body.byteLength}\r\n`;
  }
  return body === undefined && /^(?:POST|PUT|PATCH)$/.test(method) ? "content-length: 0\r\n" : "";
}
