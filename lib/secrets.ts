import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { config } from "./config.ts";

const VERSION = "v1";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** NIST SP 800-38D, 8.2.2: a random nonce of 96 bits. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Hex digits of the key's SHA-256 that a sealed text carries, so that a foreign key is recognised before anything is opened. */
const KEY_ID_DIGITS = 8;

/** A sealed text cannot be opened: it was made with another key, was changed, or stands in another place. */
export class SecretError extends Error {
  override readonly name = "SecretError";
  readonly code: "UNKNOWN_KEY" | "NOT_AUTHENTIC" | "MALFORMED";

  constructor(code: SecretError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Where a secret is stored. It is authenticated with the secret: a sealed text copied to another row does not open. */
export function secretPlace(table: string, rowId: string, field: string): string {
  return `${table}|${rowId}|${field}`;
}

export interface SealedBox {
  readonly keyId: string;
  seal(plaintext: string, aad: string): string;
  open(sealed: string, aad: string): string;
}

/** AES-256-GCM under one key of 32 bytes. Sealed: `v1.<key id>.<base64url of nonce, ciphertext, tag>`. */
export function sealedBox(key: Buffer): SealedBox {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`a secret key has ${KEY_BYTES} bytes, not ${key.length}`);
  }
  const keyId = createHash("sha256")
    .update("lockstep key id|")
    .update(key)
    .digest("hex")
    .slice(0, KEY_ID_DIGITS);

  const seal = (plaintext: string, aad: string): string => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(`${VERSION}|${keyId}|${aad}`));
    const bytes = Buffer.concat([
      nonce,
      cipher.update(plaintext, "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${VERSION}.${keyId}.${bytes.toString("base64url")}`;
  };

  const open = (sealed: string, aad: string): string => {
    const { nonce, ciphertext, tag } = parse(sealed, keyId);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(`${VERSION}|${keyId}|${aad}`));
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8");
    } catch {
      throw new SecretError(
        "NOT_AUTHENTIC",
        "a sealed secret was changed, or stands in a place it was not made for",
      );
    }
  };

  return { keyId, seal, open };
}

function parse(sealed: string, keyId: string): { nonce: Buffer; ciphertext: Buffer; tag: Buffer } {
  const parts = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/.exec(sealed);
  const bytes = Buffer.from(parts?.[2] ?? "", "base64url");
  // Base64 has several spellings of one value (its last bits are free): only the one we write is ours.
  if (!parts || bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString("base64url") !== parts[2]) {
    throw new SecretError("MALFORMED", "a sealed secret does not have the form of one");
  }
  if (parts[1] !== keyId) {
    throw new SecretError(
      "UNKNOWN_KEY",
      `a secret was sealed with key ${parts[1]}; this process has key ${keyId}`,
    );
  }
  return {
    nonce: bytes.subarray(0, NONCE_BYTES),
    ciphertext: bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES),
    tag: bytes.subarray(bytes.length - TAG_BYTES),
  };
}

let box: SealedBox | undefined;

function ownBox(): SealedBox {
  box ??= sealedBox(config().secretKey);
  return box;
}

/** Seals with the key of this installation. `aad`: see {@link secretPlace}. */
export function seal(plaintext: string, aad: string): string {
  return ownBox().seal(plaintext, aad);
}

/** @throws {SecretError} when it was sealed with another key, changed, or moved. */
export function open(sealed: string, aad: string): string {
  return ownBox().open(sealed, aad);
}
