import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { RegistryFault } from "./fault.ts";

/** OCI image-spec v1.1.1, "Digests": the two registered algorithms. */
export interface Digest {
  algorithm: "sha256" | "sha512";
  hex: string;
}

const GRAMMAR = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/;

/** @throws {RegistryFault} DIGEST_INVALID */
export function parseDigest(text: string): Digest {
  const match = GRAMMAR.exec(text);
  const hex = match?.[2] ?? match?.[4];
  if (match === null || hex === undefined) {
    throw new RegistryFault(400, "DIGEST_INVALID", `not a digest: ${text}`);
  }
  return { algorithm: match[1] === undefined ? "sha512" : "sha256", hex };
}

export function isDigest(text: string): boolean {
  return GRAMMAR.test(text);
}

export function digestOf(bytes: Uint8Array | string, algorithm: Digest["algorithm"] = "sha256"): string {
  return finish(createHash(algorithm).update(bytes), algorithm);
}

export function finish(hash: Hash, algorithm: Digest["algorithm"]): string {
  return `${algorithm}:${hash.digest("hex")}`;
}

export async function digestOfFile(path: string, algorithm: Digest["algorithm"]): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
  }
  return finish(hash, algorithm);
}
