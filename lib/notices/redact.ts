/** What is shown and kept of an answer. */
const SHOWN_CHARS = 500;
/** Shorter parts of an address are words, not secrets. */
const SECRET_CHARS = 8;

/** What a receiver answered, for people: without the address and the secrets that it may repeat, on one line, cut. */
export function shownAnswer(
  text: string,
  { url, secrets }: { url: string; secrets: readonly string[] },
): string {
  const { pathname, search, searchParams } = new URL(url);
  const hidden = [
    url,
    `${pathname}${search}`,
    ...secrets,
    ...pathname.split("/"),
    ...searchParams.values(),
  ].flatMap((part) => [part, encodeURIComponent(part), decoded(part)]);
  let shown = text.replace(/[\p{Cc}\s]+/gu, " ");
  for (const part of hidden
    .filter((each) => each.length >= SECRET_CHARS)
    .sort((a, b) => b.length - a.length)) {
    shown = shown.replaceAll(part, "•••");
  }
  shown = shown.trim();
  return shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
