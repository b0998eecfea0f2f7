import { type FailureKey, failureKey } from "../schemas/failure-key.ts";
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

/** The `failure` part of messages/<locale>/errors.json. */
export type FailureMessages = Record<FailureKey, ErrorSentence> & { side: SideWords };

/** The two ends, and what stands where the name of an instance, a repository or a tag is not known. */
export type SideWords = Record<Side | "unnamed-source" | "unnamed-target" | "repository" | "tag", string>;

export interface FailureMessage {
  key: FailureKey;
  values: Record<string, string>;
}

const shortDigest = (digest: string): string => digest.replace(/^(\w+:)?(\w{6})\w+(\w{6})$/, "$1$2…$3");

/** The parts of a sentence of this file: at odd places the shortened digests, between them the rest. */
export const splitAtDigests = (sentence: string): string[] =>
  sentence.split(/((?:sha\d+:)?[0-9a-f]{6}…[0-9a-f]{6})/);

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
