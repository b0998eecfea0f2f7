import { ContentError } from "./errors.ts";
import type { Answer } from "./exchange.ts";

const EXCERPT_BYTES = 16 * 1024;
const MAX_TITLE = 120;

/** A successful answer that is a page for people: a login page, or a proxy that explains itself (FS10). */
export function isWebPage({ headers }: Pick<Answer, "headers">): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get("content-type") ?? "");
}

/** @param text of the page, as far as it is known */
export function webPage(expected: string, text = ""): ContentError {
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.replace(/\s+/g, " ").trim().slice(0, MAX_TITLE);
  return new ContentError("WEB_PAGE", expected, `a web page${title ? `: ${title}` : ""}`);
}

/** @throws {ContentError} WEB_PAGE when the answer is one; consumes its body then */
export async function refuseWebPage(answer: Answer, expected: string): Promise<void> {
  if (isWebPage(answer)) {
    throw webPage(expected, (await answer.body.excerpt(EXCERPT_BYTES)).toString("utf8"));
  }
}
