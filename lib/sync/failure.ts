import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import { DISK_FULL, IMMUTABLE, QUOTA } from "../schemas/registry-words.ts";
import type { FailureFact, Side } from "../schemas/task.ts";
import { DestinationError } from "./destination.ts";
import { CopyError } from "./errors.ts";
import { findingsText, VerifyError } from "./verify/verify-error.ts";

const MAX_MESSAGE_LENGTH = 1024;

/**
 * What failed, as facts: nothing secret, no query string. An error that none of our classes names is UNKNOWN without
 * its message: nobody vouches for what stands in it.
 */
export function failureFact(error: unknown): FailureFact {
  if (error instanceof CopyError) {
    return { ...causeFact(error.cause, error.side), digest: error.digest ?? null };
  }
  if (error instanceof VerifyError) {
    const { code, digest, findings } = error;
    return { ...causeFact(null, "target"), code, digest, registryMessage: redact(findingsText(findings)) };
  }
  return causeFact(error, null);
}

function causeFact(error: unknown, side: Side | null): FailureFact {
  const fact: FailureFact = {
    code: "UNKNOWN",
    side,
    httpStatus: null,
    registryMessage: null,
    request: null,
    digest: null,
  };
  if (error instanceof RegistryError) {
    const request = requestLine(error);
    return {
      ...fact,
      code: error.code,
      httpStatus: error.status,
      registryMessage: redact(error.detail) || null,
      request,
      ...(error.requestId ? { requestId: error.requestId } : {}),
    };
  }
  if (error instanceof TransportError) {
    return {
      ...fact,
      code: error.code,
      registryMessage: redact(reasonOf(error)),
      request: requestLine(error),
    };
  }
  if (error instanceof ContentError) {
    const message = redact(`expected ${error.expected}, got ${error.actual}`);
    return { ...fact, code: error.code, registryMessage: message };
  }
  if (error instanceof DestinationError) {
    return { ...fact, code: error.code, side: "target", registryMessage: error.repository };
  }
  return fact;
}

/** What the transport said, without the request line that its message begins with. */
function reasonOf(error: TransportError): string {
  const prefix = `${error.method} ${error.url}: `;
  return error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
}

function requestLine({ method, url }: { method: string; url: string }): string {
  return `${method} ${withoutSecrets(url)}`;
}

function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** Registries echo what they were sent: credentials, signed URLs and control characters are taken out. */
function redact(message: string): string {
  return message
    .replace(/https?:\/\/[^\s"'<>]+/gi, withoutSecrets)
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi, "$1 …")
    .replace(
      /("?(?:password|passwd|token|secret|authorization|signature)"?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi,
      "$1…",
    )
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, MAX_MESSAGE_LENGTH)
    .trim();
}

/** The reason code of a failed transfer: one of the named reasons where the fact tells, else the fact's own code. */
export function failureReason(fact: FailureFact): string {
  return (fact.side === "target" && fact.httpStatus !== null && targetReason(fact)) || plainReason(fact);
}

/** Harbor answers 412 both to a full project and to a tag that must not change: what it says tells them apart. */
function targetReason({ registryMessage, httpStatus }: FailureFact): string | null {
  const message = registryMessage ?? "";
  const full = QUOTA.test(message) ? "quota" : DISK_FULL.test(message) ? "no-space" : null;
  return IMMUTABLE.test(message) || (httpStatus === 412 && full === null) ? "immutable-tag" : full;
}

function plainReason({ code, httpStatus }: FailureFact): string {
  if (httpStatus === 507) {
    return "no-space";
  }
  if (httpStatus === 413) {
    return "too-large";
  }
  if (code === "DIGEST_MISMATCH" || code === "DIGEST_INVALID") {
    return "digest-mismatch";
  }
  return code === "DENIED" || httpStatus === 403 ? "denied" : code;
}
