/**
 * Where an index says that an archive is: another host is allowed, less protection or credentials in the address are not.
 * @param base where the index was found: relative addresses begin there
 * @returns the address, or for a message the text that is none
 */
export function archiveUrl(text: unknown, base: URL): URL | string {
  if (typeof text !== "string" || text === "") {
    return "none";
  }
  const url = URL.canParse(text, base.href) ? new URL(text, base) : null;
  const downgraded = base.protocol === "https:" && url?.protocol === "http:";
  if (!url || !/^https?:$/.test(url.protocol) || downgraded || url.username !== "" || url.password !== "") {
    return url ? `${url.protocol}//${url.host}${url.pathname}` : text;
  }
  url.hash = "";
  return url;
}
