import type { Hash } from "node:crypto";
import type { Descriptor } from "./descriptor.ts";
import { type DigestAlgorithm, parseDigest } from "./digest.ts";
import { ContentError } from "./errors.ts";

let loaded: typeof import("node:crypto") | undefined;

/** Read when something is hashed: a start that compares names alone is a few milliseconds shorter. */
function nodeCrypto(): typeof import("node:crypto") {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}

/** A hash to be fed. */
export function newHash(algorithm: DigestAlgorithm = "sha256"): Hash {
  return nodeCrypto().createHash(algorithm);
}

/** The digest of bytes at hand. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = "sha256"): string {
  return `${algorithm}:${nodeCrypto().hash(algorithm, bytes, "hex")}`;
}

/** Counts and hashes bytes as they pass, and says at the end whether they are the ones that were named. */
export class Verifier {
  readonly #expected: { digest: string; size: number };
  readonly #algorithm: DigestAlgorithm;
  /** Undefined where the first bytes are passed over: nobody can hash the others without them. */
  readonly #hash: Hash | undefined;
  #received: number;

  /**
   * @param from so many bytes are not seen here; what follows them is only counted
   * @throws {ContentError} DIGEST_MISMATCH when the digest cannot be verified at all
   */
  constructor(expected: Pick<Descriptor, "digest" | "size">, from = 0) {
    const digest = parseDigest(expected.digest);
    if (!digest) {
      throw new ContentError("DIGEST_MISMATCH", "a sha256 or sha512 digest", expected.digest.slice(0, 160));
    }
    this.#expected = expected;
    this.#algorithm = digest.algorithm;
    this.#received = from;
    this.#hash = from === 0 ? newHash(digest.algorithm) : undefined;
  }

  /** Bytes so far. */
  get received(): number {
    return this.#received;
  }

  /** True once as many bytes came as were named. */
  get complete(): boolean {
    return this.#received === this.#expected.size;
  }

  /** @throws {ContentError} SIZE_MISMATCH as soon as there are more bytes than named */
  update(chunk: Uint8Array): void {
    this.#received += chunk.byteLength;
    if (this.#received > this.#expected.size) {
      throw new ContentError(
        "SIZE_MISMATCH",
        `${this.#expected.size} bytes`,
        `at least ${this.#received} bytes`,
      );
    }
    this.#hash?.update(chunk);
  }

  /** @throws {ContentError} SIZE_MISMATCH, DIGEST_MISMATCH */
  finish(): void {
    if (!this.complete) {
      throw new ContentError("SIZE_MISMATCH", `${this.#expected.size} bytes`, `${this.#received} bytes`);
    }
    const actual = this.#hash ? `${this.#algorithm}:${this.#hash.digest("hex")}` : this.#expected.digest;
    if (actual !== this.#expected.digest) {
      throw new ContentError("DIGEST_MISMATCH", this.#expected.digest, actual);
    }
  }
}

/**
 * Passes content on while it is verified. The last chunk is handed out only when size and digest are right, so a
 * receiver that was promised `size` bytes can never complete a wrong blob.
 * @throws {ContentError} SIZE_MISMATCH, DIGEST_MISMATCH
 */
export async function* verified(
  content: AsyncIterable<Uint8Array>,
  expected: Pick<Descriptor, "digest" | "size">,
): AsyncGenerator<Uint8Array> {
  const verifier = new Verifier(expected);
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    if (chunk.byteLength === 0) {
      continue;
    }
    verifier.update(chunk);
    if (held) {
      yield held;
    }
    held = chunk;
  }
  verifier.finish();
  if (held) {
    yield held;
  }
}
