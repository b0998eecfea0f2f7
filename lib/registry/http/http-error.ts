export type HttpErrorCode =
  | "CONNECT_TIMEOUT"
  | "HEADERS_TIMEOUT"
  | "BODY_TIMEOUT"
  /** The connection ended before the answer did. */
  | "CLOSED"
  /** What came is no HTTP/1.1, or could be read in two ways. */
  | "MALFORMED"
  | "HEAD_TOO_LONG"
  /** The content that was to be sent is not as long as was said. */
  | "WRONG_LENGTH";

/** Why an exchange came to nothing, as far as HTTP can tell; what the system and TLS say comes as it is. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function malformed(what: string): HttpError {
  return new HttpError("MALFORMED", `the answer is no HTTP/1.1: ${what}`);
}
