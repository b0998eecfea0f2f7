import { DISK_FULL, IMMUTABLE, QUOTA } from "../schemas/registry-words.ts";
import type { FailureFact, Side } from "../schemas/task.ts";
import type { Locale } from "./locale.ts";

/** What is known around a failure; everything is optional, a sentence is found for whatever there is. */
export interface FailureContext {
  /** Name of the instance at the failing side. */
  instance?: string | undefined;
  account?: string | null | undefined;
  namespace?: string | undefined;
  tag?: string | undefined;
  host?: string | undefined;
}

/** Says in one line what was refused and by whom, and what to do next. */
export interface ErrorSentence {
  /** Without a full stop: a heading or a line of a table. */
  title: string;
  /** Two to six words for a narrow column. */
  short: string;
  /** Empty if there is nothing to do. */
  advice: string;
}

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
  "unsupported",
  "registry-fault",
  "refused",
  "interrupted",
  "instance-gone",
  "targets-paused",
  "unknown",
] as const;
export type FailureKey = (typeof FAILURE_KEYS)[number];

/** The `failure` part of messages/<locale>/errors.json. */
export type FailureMessages = Record<FailureKey, ErrorSentence> & { side: SideWords };

/** The two ends, and what stands where the name of an instance, a repository or a tag is not known. */
export type SideWords = Record<Side | "unnamed-source" | "unnamed-target" | "repository" | "tag", string>;

export interface FailureMessage {
  key: FailureKey;
  values: Record<string, string>;
}

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
  exists: "exists",
  "platform-absent": "platform-absent",
  "source-deleted": "tag-gone",
  "immutable-tag": "immutable",
  "no-space": "no-space",
  quota: "quota",
  "too-large": "too-large",
  "worker-lost": "interrupted",
};

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

const shortDigest = (digest: string): string => digest.replace(/^(\w+:)?(\w{6})\w+(\w{6})$/, "$1$2…$3");

/** `PUT https://host/v2/team/app/manifests/1.0` → host, repository. */
function placeOf(request: string | null): { host: string; repository: string } {
  const url = request?.split(" ").at(-1) ?? "";
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const repository = /^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(parsed?.pathname ?? "")?.[1];
  return { host: parsed?.host ?? "", repository: repository ?? "" };
}

const withAccount: Partial<Record<FailureKey, FailureKey>> = {
  "no-pull": "no-pull-account",
  "no-push": "no-push-account",
};

/** Key and values of a sentence, for whoever has a translator. `side` is the word for the end, in that language. */
export function failureMessage(
  fact: FailureFact,
  context: FailureContext,
  locale: Locale,
  side: SideWords,
): FailureMessage {
  const bare = failureKey(fact);
  const key = context.account ? (withAccount[bare] ?? bare) : bare;
  const place = placeOf(fact.request);
  const [open, close] = locale === "zh-CN" ? ["（", "）"] : [" (", ")"];
  const reference = context.tag ?? "";
  return {
    key,
    values: {
      inst: context.instance ?? side[`unnamed-${fact.side ?? "source"}`],
      side: side[fact.side ?? "target"],
      acct: context.account ?? "",
      ns: context.namespace || place.repository || side.repository,
      tag: reference || side.tag,
      host: context.host ?? place.host,
      digest: fact.digest ? shortDigest(fact.digest) : "",
      status: fact.httpStatus === null ? "" : `${open}${fact.httpStatus}${close}`,
      code: fact.httpStatus === null ? fact.code : String(fact.httpStatus),
    },
  };
}

const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

/**
 * The one place that turns a failure into words, for plain Node: pass the `failure` part of messages/<locale>/errors.json.
 * The registry's own words are no part of it; show them beside it.
 */
export function errorSentence(
  fact: FailureFact,
  context: FailureContext,
  locale: Locale,
  messages: FailureMessages,
): ErrorSentence {
  const { key, values } = failureMessage(fact, context, locale, messages.side);
  const sentence = messages[key];
  return {
    title: fill(sentence.title, values),
    short: fill(sentence.short, values),
    advice: fill(sentence.advice, values),
  };
}
