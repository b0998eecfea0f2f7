/** RFC 6797: one year of https, once people reach the console by it. */
export const STRICT_TRANSPORT = "max-age=31536000";

/**
 * What a page of the console may load and where it may send: itself only. Scripts and style elements of the page count by
 * nonce; `style` attributes, which components set for widths and places, are free. ASVS 5.0 3.4.3, 3.4.6.
 */
export function contentSecurityPolicy({
  nonce,
  development,
}: {
  nonce: string;
  development: boolean;
}): string {
  return [
    "default-src 'none'",
    // React makes its stacks with eval while developing.
    `script-src 'self' 'nonce-${nonce}'${development ? " 'unsafe-eval'" : ""}`,
    // Next puts style elements of its own into the page while developing.
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
