/** A random key (RFC 9562, version 4); `crypto.randomUUID` is not there on a page served over HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Keys under which the server counts a form once (lib/data/submissions.ts): the same content gets the same key until it was
 * answered, so that sending again what went unheard does nothing twice.
 */
export class SubmissionKeys {
  #content = "";
  #key = newKey();

  keyFor(content: string): string {
    if (content !== this.#content) {
      this.#content = content;
      this.#key = newKey();
    }
    return this.#key;
  }

  /** What is sent from now on is another submission. */
  answered(): void {
    this.#content = "";
    this.#key = newKey();
  }
}
