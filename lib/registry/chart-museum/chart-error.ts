import { ContentError } from "../errors.ts";

/** Longest part of a stranger's text in an error. */
const SHOWN = 160;

/** An index, an entry of it, or an archive is not what it has to be. */
export function unreadableChart(expected: string, actual: string, cause?: unknown): ContentError {
  return new ContentError("UNREADABLE_CHART", expected, actual.slice(0, SHOWN), { cause });
}

export function chartTooLarge(what: string, limitBytes: number): ContentError {
  const limit = `${what} of at most ${limitBytes} bytes`;
  return new ContentError("CHART_TOO_LARGE", limit, "more");
}
