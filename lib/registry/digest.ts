/**
 * Grammar of digests. Pure: the browser and lib/schemas import it; hashing is in verify.ts.
 * OCI image-spec v1.1.1, "Digests".
 */
const DIGEST_ALGORITHMS = ["sha256", "sha512"] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

export interface Digest {
  algorithm: DigestAlgorithm;
  /** Lower-case hex. */
  encoded: string;
}

/** A digest that nothing has. */
export const NO_DIGEST = `sha256:${"0".repeat(64)}`;

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Parses `algorithm:encoded`. Only the registered algorithms that we can verify count as digests: a digest that cannot
 * be checked is worth nothing to a copy, and one that breaks the grammar must never reach a URL (CVE-2024-3727).
 * @returns null when the text is not such a digest
 */
export function parseDigest(text: string): Digest | null {
  const colon = text.indexOf(":");
  const algorithm = DIGEST_ALGORITHMS.find((name) => name === text.slice(0, colon));
  return algorithm && DIGEST.test(text) ? { algorithm, encoded: text.slice(colon + 1) } : null;
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}
