import { constants } from "node:os";
import { bareUrl } from "./address.ts";
import { REGISTRY_ERROR_CODES, RegistryError, type RegistryErrorCode } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { PATIENCE } from "./patience.ts";
import { readRateLimit, refillMs } from "./rate-limit.ts";
import { retryAfterMs } from "./retry.ts";

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_DETAIL = 1024;
/** As the system says it; `isRetryable` and the messages for people look for these words. */
const NO_SPACE = "no space left on device";

const CODE_OF_STATUS: Record<number, RegistryErrorCode> = {
  401: "UNAUTHORIZED",
  403: "DENIED",
  405: "UNSUPPORTED",
  413: "SIZE_INVALID",
  416: "RANGE_INVALID",
  429: "TOOMANYREQUESTS",
  501: "UNSUPPORTED",
};

/**
 * The refusal that an answer is. Reads the errors of the specification, and plain text or a web page where a proxy or
 * an old server sends that (R9). Consumes the body.
 * OCI distribution-spec v1.1.1, "Error Codes".
 *
 * @param secrets never to appear in the message, even when the registry repeats them
 * @param known the code, where it is not for the answer to say
 */
export async function registryError(
  answer: Answer,
  method: string,
  secrets: readonly string[],
  known?: RegistryErrorCode,
): Promise<RegistryError> {
  const text = (await answer.body.excerpt(MAX_ERROR_BYTES)).toString("utf8");
  const { code, detail } = readError(text);
  return new RegistryError({
    code: known ?? code ?? CODE_OF_STATUS[answer.status] ?? codeOfPath(answer),
    status: answer.status,
    method,
    url: bareUrl(answer.url),
    detail: printable(detail, secrets),
    retryAfterMs: askedToWaitMs(answer),
    requestId: requestIdOf(answer, secrets),
  });
}

/** What `Retry-After` says, or else, of a request that was one too many, the headers that count them. */
function askedToWaitMs({ status, headers }: Answer): number | undefined {
  const asked = retryAfterMs(headers.get("retry-after"));
  const refill = status === 429 ? refillMs(readRateLimit(headers)) : undefined;
  return asked ?? (refill === undefined ? undefined : Math.min(refill, PATIENCE.retryAfterMostMs));
}

/** Harbor and most gateways send the first; the others are those of CNCF Distribution's forks and of large clouds. */
const REQUEST_ID_HEADERS = [
  "x-request-id",
  "x-amzn-requestid",
  "x-ms-request-id",
  "x-tc-requestid",
  "x-trace-id",
];
const MAX_REQUEST_ID = 128;

function requestIdOf(answer: Answer, secrets: readonly string[]): string | undefined {
  const name = REQUEST_ID_HEADERS.find((header) => answer.headers.get(header));
  const id = name && printable(answer.headers.get(name) ?? "", secrets).slice(0, MAX_REQUEST_ID);
  return id || undefined;
}

/** What a stranger said, fit for a log: one line, at most 1 KiB, no control characters, queries or secrets. */
export function printable(text: string, secrets: readonly string[]): string {
  let safe = text.slice(0, 4 * MAX_DETAIL);
  for (const secret of secrets) {
    safe = secret.length > 0 ? safe.replaceAll(secret, "…") : safe;
  }
  return safe
    .replace(/(https?:\/\/)[^\s/"'@]*@/gi, "$1…@")
    .replace(/(https?:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/gi, "$1?…")
    .replace(/eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g, "…")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_DETAIL);
}

function readError(text: string): { code: RegistryErrorCode | undefined; detail: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
    const page = /^\s*<(?:!doctype|html|\?xml)/i.test(text);
    return { code: undefined, detail: page ? `a web page: ${title ?? "without a title"}` : text };
  }
  const first: unknown = field(body, "errors") ?? body;
  const error: unknown = Array.isArray(first) ? first[0] : first;
  const code = field(error, "code");
  const detail = field(error, "detail");
  const parts = [field(error, "message") ?? field(error, "error"), isNoSpace(detail) ? NO_SPACE : detail]
    .filter((part) => part !== undefined && part !== null && part !== "")
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
  return {
    code: REGISTRY_ERROR_CODES.find((known) => known === code),
    detail: parts.length > 0 ? parts.join(": ") : text,
  };
}

/** CNCF Distribution shows Go's error as it is: `{"DriverName":"filesystem","Enclosed":{"Op":"write",…,"Err":28}}`. */
function isNoSpace(detail: unknown): boolean {
  const reason = field(field(detail, "Enclosed"), "Err") ?? field(detail, "Err");
  return reason === constants.errno.ENOSPC || reason === constants.errno.EDQUOT;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function codeOfPath({ status, url }: Answer): RegistryErrorCode {
  if (status !== 404) {
    return "UNKNOWN";
  }
  const kind = /\/(manifests|blobs\/uploads|blobs)\//.exec(url.pathname)?.[1];
  return kind === "manifests"
    ? "MANIFEST_UNKNOWN"
    : kind === "blobs/uploads"
      ? "BLOB_UPLOAD_UNKNOWN"
      : kind === "blobs"
        ? "BLOB_UNKNOWN"
        : "NAME_UNKNOWN";
}
