/** The nonce of this page's policy (proxy.ts), for what writes a style element; browsers show it to scripts alone. */
export function pageNonce(): string | undefined {
  return document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
}
