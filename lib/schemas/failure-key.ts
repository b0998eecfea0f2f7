import { DISK_FULL, IMMUTABLE, QUOTA } from "./registry-words.ts";
import type { FailureFact, Side } from "./task.ts";

/** Keys of `failure` in messages/<locale>/errors.json; each has `title`, `short` and `advice`. */
export const FAILURE_KEYS = [
  "credentials",
  "credentials-unreadable",
  "login-required",
  "no-pull",
  "no-pull-account",
  "no-push",
  "no-push-account",
  "no-space",
  "quota",
  "too-large",
  "immutable",
  "exists",
  "source-behind",
  "platform-absent",
  "rate-limited",
  "digest-mismatch",
  "digest-mismatch-target",
  "web-page",
  "token-server",
  "size-mismatch",
  "connection",
  "timeout",
  "dns",
  "tls",
  "tls-expired",
  "tls-issuer",
  "tls-name",
  "egress",
  "unreachable",
  "redirect",
  "namespace-missing",
  "repository-missing",
  "tag-gone",
  "blob-missing",
  "manifest-unreadable",
  "manifest-refused",
  "sparse-refused",
  "manifest-too-large",
  "manifest-too-deep",
  "schema-1",
  "chart-unreadable",
  "chart-too-large",
  "name-invalid",
  "content-missing",
  "target-lacks",
  "target-damaged",
  "referrer-unlisted",
  "tag-differs",
  "unsupported",
  "registry-fault",
  "refused",
  "interrupted",
  "instance-gone",
  "targets-paused",
  "unknown",
] as const;
export type FailureKey = (typeof FAILURE_KEYS)[number];

const EXPIRED = /expired|CERT_HAS_EXPIRED/i;
const UNTRUSTED = /self[- ]signed|unable to (?:get|verify)|issuer|UNABLE_TO|SELF_SIGNED|unknown authority/i;
const WRONG_NAME = /altname|ALTNAME|hostname|does not match/i;

/** Codes that name one thing whatever the side and the status. */
const BY_CODE: Record<string, FailureKey> = {
  TIMEOUT: "timeout",
  DNS: "dns",
  CONNECTION: "connection",
  EGRESS_DENIED: "egress",
  UNREACHABLE: "unreachable",
  CREDENTIALS_UNREADABLE: "credentials-unreadable",
  LOGIN_REQUIRED: "login-required",
  INSTANCE_GONE: "instance-gone",
  TARGETS_PAUSED: "targets-paused",
  REDIRECT_REFUSED: "redirect",
  WEB_PAGE: "web-page",
  DIGEST_INVALID: "digest-mismatch",
  "digest-mismatch": "digest-mismatch",
  SIZE_MISMATCH: "size-mismatch",
  SIZE_INVALID: "size-mismatch",
  UNREADABLE_MANIFEST: "manifest-unreadable",
  MANIFEST_TOO_LARGE: "manifest-too-large",
  MANIFEST_TOO_DEEP: "manifest-too-deep",
  TOKEN_SERVER: "token-server",
  SCHEMA1_UNSUPPORTED: "schema-1",
  UNREADABLE_CHART: "chart-unreadable",
  CHART_TOO_LARGE: "chart-too-large",
  MANIFEST_INVALID: "manifest-refused",
  SPARSE_INDEX_REFUSED: "sparse-refused",
  MANIFEST_UNVERIFIED: "manifest-refused",
  NAME_INVALID: "name-invalid",
  TAG_INVALID: "name-invalid",
  TOOMANYREQUESTS: "rate-limited",
  UNAUTHORIZED: "credentials",
  UNSUPPORTED: "unsupported",
  MANIFEST_BLOB_UNKNOWN: "content-missing",
  BLOB_UPLOAD_UNKNOWN: "interrupted",
  BLOB_UPLOAD_INVALID: "interrupted",
  RANGE_INVALID: "interrupted",
  TARGET_LACKS: "target-lacks",
  TARGET_DAMAGED: "target-damaged",
  REFERRER_UNLISTED: "referrer-unlisted",
  TAG_DIFFERS: "tag-differs",
  exists: "exists",
  "source-behind": "source-behind",
  "platform-absent": "platform-absent",
  "source-deleted": "tag-gone",
  "too-large": "too-large",
  "worker-lost": "interrupted",
};

/** What only the words of a registry told, as codes of their own: they are certain, whatever the answer's code and status. */
const TOLD: Record<string, FailureKey> = {
  quota: "quota",
  "no-space": "no-space",
  "immutable-tag": "immutable",
  "tls-expired": "tls-expired",
  "tls-name": "tls-name",
  "tls-issuer": "tls-issuer",
};

/** The code that goes on telling why a failure came about where what the registry said is left out. */
export function codeWithoutWords(fact: FailureFact): string {
  const key = failureKey(fact);
  return Object.entries(TOLD).find(([, told]) => told === key)?.[0] ?? fact.code;
}

/** What the same code means depends on the end that said it. */
const BY_SIDE: Record<string, Record<Side, FailureKey>> = {
  DIGEST_MISMATCH: { source: "digest-mismatch", target: "digest-mismatch-target" },
  DENIED: { source: "no-pull", target: "no-push" },
  denied: { source: "no-pull", target: "no-push" },
  NAME_UNKNOWN: { source: "repository-missing", target: "namespace-missing" },
  MANIFEST_UNKNOWN: { source: "tag-gone", target: "content-missing" },
  BLOB_UNKNOWN: { source: "blob-missing", target: "content-missing" },
};

function tlsKey(message: string): FailureKey {
  if (EXPIRED.test(message)) {
    return "tls-expired";
  }
  if (WRONG_NAME.test(message)) {
    return "tls-name";
  }
  return UNTRUSTED.test(message) ? "tls-issuer" : "tls";
}

/** Many registries answer UNKNOWN, or a code of their own: the status speaks. */
function keyOfStatus(status: number, side: Side | null): FailureKey | null {
  if (status === 401) {
    return "credentials";
  }
  if (status === 403) {
    return side === "target" ? "no-push" : "no-pull";
  }
  if (status === 404) {
    return side === "target" ? "namespace-missing" : "repository-missing";
  }
  if (status === 413) {
    return "too-large";
  }
  if (status === 429) {
    return "rate-limited";
  }
  if (status === 507) {
    return "no-space";
  }
  if (status >= 500) {
    return "registry-fault";
  }
  return status >= 400 ? "refused" : null;
}

/**
 * Which sentence tells this failure. What the registry said outranks its code where servers disagree on codes
 * (quota, immutable tags), then the code counts, then the status.
 */
export function failureKey(fact: FailureFact): FailureKey {
  const told = TOLD[fact.code];
  if (told) {
    return told;
  }
  const message = fact.registryMessage ?? "";
  const full = QUOTA.test(message) ? "quota" : DISK_FULL.test(message) ? "no-space" : null;
  if (fact.side !== "source" && (IMMUTABLE.test(message) || (fact.httpStatus === 412 && full === null))) {
    return "immutable";
  }
  if (fact.side !== "source" && fact.httpStatus !== null && full !== null) {
    return full;
  }
  if (fact.code === "TLS") {
    return tlsKey(message);
  }
  // The token server answered, and its answer holds no token: credentials have nothing to do with it.
  if (fact.code === "UNAUTHORIZED" && fact.httpStatus === 200) {
    return "token-server";
  }
  const known = BY_CODE[fact.code] ?? BY_SIDE[fact.code]?.[fact.side ?? "source"];
  // A 413 or a 5xx says more than a code that was chosen for want of a better one.
  const byStatus = fact.httpStatus === null ? null : keyOfStatus(fact.httpStatus, fact.side);
  if (byStatus === "too-large" || byStatus === "no-space") {
    return byStatus;
  }
  return known ?? byStatus ?? "unknown";
}
