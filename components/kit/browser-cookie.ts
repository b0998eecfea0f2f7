const MAX_AGE_S = 365 * 24 * 3600;

/**
 * Keeps something in this browser that the next document is made with, for a year: like the cookies that the server sets, but readable by
 * scripts. `value` has none of `;`, `,` and white space in it (RFC 6265, 4.1.1). A browser that keeps no cookies keeps none of these.
 */
export function keepInBrowser(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser
  document.cookie = `${name}=${value}; path=/; max-age=${MAX_AGE_S}; samesite=lax${secure}`;
}
