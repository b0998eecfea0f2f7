export interface HttpRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly fields: Fields;
  /** A stream is told its length by a Content-Length field. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Silence before the answer begins, ms. */
  readonly headersMs: number;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that can be sent: what is the same in thousands of requests is checked and written out once. RFC 9112, 5. */
export class Fields {
  static readonly NONE = new Fields("", undefined);
  readonly lines: string;
  readonly contentLength: string | undefined;

  private constructor(lines: string, contentLength: string | undefined) {
    this.lines = lines;
    this.contentLength = contentLength;
  }

  /** @param headers by lower-case name @throws {TypeError} */
  static of(headers: Readonly<Record<string, string>> | Fields | undefined): Fields {
    if (headers instanceof Fields) {
      return headers;
    }
    let fields = Fields.NONE;
    for (const [name, value] of Object.entries(headers ?? {})) {
      fields = fields.with(name, value);
    }
    return fields;
  }

  /**
   * These and one more.
   * @throws {TypeError} for a field that would be another field, or the end of the head, to whoever reads it
   */
  with(name: string, value: string): Fields {
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw new TypeError(`not a header that can be sent: ${JSON.stringify(name.slice(0, 80))}`);
    }
    const length = name === "content-length" ? value : this.contentLength;
    return new Fields(`${this.lines}${name}: ${value}\r\n`, length);
  }
}

/**
 * The lines of a request, the empty one at their end included. RFC 9112, 3.
 * @param common fields of every request to this place
 */
export function requestHead(common: Fields, { method, path, fields, body }: HttpRequest): string {
  return `${method} ${path} HTTP/1.1\r\n${common.lines}${fields.lines}${missingLength(method, fields, body)}\r\n`;
}

function missingLength(method: string, fields: Fields, body: HttpRequest["body"]): string {
  if (fields.contentLength !== undefined) {
    return "";
  }
  if (body instanceof Uint8Array) {
    return `content-length: ${body.byteLength}\r\n`;
  }
  const writes = method === "POST" || method === "PUT" || method === "PATCH";
  return body === undefined && writes ? "content-length: 0\r\n" : "";
}
