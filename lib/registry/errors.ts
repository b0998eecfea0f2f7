/** OCI distribution-spec v1.1.1, "Error Codes", and those of the Docker registry API that servers still send. */
export const REGISTRY_ERROR_CODES = [
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DIGEST_INVALID",
  "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNKNOWN",
  "MANIFEST_UNVERIFIED",
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "RANGE_INVALID",
  "SIZE_INVALID",
  "TAG_INVALID",
  "UNAUTHORIZED",
  "DENIED",
  "UNSUPPORTED",
  "TOOMANYREQUESTS",
  "UNKNOWN",
] as const;
/**
 * Two are ours. `SPARSE_INDEX_REFUSED`: an index of which we left images out was refused for that. `TOKEN_SERVER`: it was the
 * token server that failed, not the registry.
 */
export type RegistryErrorCode =
  | (typeof REGISTRY_ERROR_CODES)[number]
  | "SPARSE_INDEX_REFUSED"
  | "TOKEN_SERVER";

const RETRYABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface RegistryErrorFields {
  code: RegistryErrorCode;
  status: number;
  method: string;
  /** Without user info, query and fragment. */
  url: string;
  /** What the registry said, cut to 1 KiB. */
  detail: string;
  retryAfterMs?: number | undefined;
  /** The id that the registry gave to the request, for its administrator. */
  requestId?: string | undefined;
}

/** A registry answered, and the answer was no. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code: RegistryErrorCode;
  readonly status: number;
  readonly method: string;
  readonly url: string;
  readonly detail: string;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(fields: RegistryErrorFields, options?: ErrorOptions) {
    super(`${fields.method} ${fields.url}: ${fields.status} ${fields.code} ${fields.detail}`.trim(), options);
    this.code = fields.code;
    this.status = fields.status;
    this.method = fields.method;
    this.url = fields.url;
    this.detail = fields.detail;
    this.retryAfterMs = fields.retryAfterMs;
    this.requestId = fields.requestId;
  }

  get retryable(): boolean {
    return RETRYABLE_STATUS.has(this.status);
  }
}

export type TransportErrorCode =
  | "CONNECTION"
  | "DNS"
  | "TIMEOUT"
  | "TLS"
  | "REDIRECT_REFUSED"
  | "EGRESS_DENIED";

/** No answer came, or the transport refused to ask. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  readonly method: string;
  readonly url: string;

  constructor(
    code: TransportErrorCode,
    request: { method: string; url: string },
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${request.method} ${request.url}: ${message}`, options);
    this.code = code;
    this.method = request.method;
    this.url = request.url;
  }

  get retryable(): boolean {
    return this.code === "CONNECTION" || this.code === "TIMEOUT" || this.code === "DNS";
  }
}

export type ContentErrorCode =
  | "DIGEST_MISMATCH"
  | "SIZE_MISMATCH"
  | "UNREADABLE_MANIFEST"
  | "MANIFEST_TOO_LARGE"
  /** Indexes in indexes in indexes, and no end. */
  | "MANIFEST_TOO_DEEP"
  /** A login page, or what a proxy has to say, answered as if it were the content. */
  | "WEB_PAGE"
  /** Docker image manifest version 2, schema 1: signed, deprecated, and no manifest that a copy could keep as it is. */
  | "SCHEMA1_UNSUPPORTED"
  /** The index of a chart repository, a version in it, or its archive is not what it has to be. */
  | "UNREADABLE_CHART"
  | "CHART_TOO_LARGE";

/** The bytes are not what was named. */
export class ContentError extends Error {
  override readonly name = "ContentError";
  readonly code: ContentErrorCode;
  readonly expected: string;
  readonly actual: string;

  constructor(code: ContentErrorCode, expected: string, actual: string, options?: ErrorOptions) {
    super(`${code}: expected ${expected}, got ${actual}`, options);
    this.code = code;
    this.expected = expected;
    this.actual = actual;
  }
}
