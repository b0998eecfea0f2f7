import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SecretError, sealedBox, secretPlace } from "./secrets.ts";

const box = sealedBox(randomBytes(32));
const place = secretPlace("instances", "0199f1d4-0000-7000-8000-000000000001", "password");
const elsewhere = secretPlace("instances", "0199f1d4-0000-7000-8000-000000000002", "password");

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof SecretError ? error.code : `not a SecretError: ${error}`;
  }
  return undefined;
}

describe("sealedBox", () => {
  test.each(["", "hunter2", "密码🔑", "x".repeat(65_536)])("opens what it sealed (%#)", (plaintext) => {
    expect(box.open(box.seal(plaintext, place), place)).toBe(plaintext);
  });

  test("seals the same text differently every time, and shows nothing of it", () => {
    const sealed = Array.from({ length: 100 }, () => box.seal("canary-password", place));
    expect(new Set(sealed).size).toBe(100);
    expect(sealed.join()).not.toContain("canary");
    expect(Buffer.from(sealed[0]?.split(".")[2] ?? "", "base64url").toString("latin1")).not.toContain(
      "canary",
    );
  });

  test("refuses every single flipped bit of nonce, ciphertext and tag", () => {
    const [version, keyId, body = ""] = box.seal("hunter2", place).split(".");
    const bytes = Buffer.from(body, "base64url");
    expect(bytes.length).toBe(12 + 7 + 16);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const sealed = `${version}.${keyId}.${flipped.toString("base64url")}`;
      expect(
        codeOf(() => box.open(sealed, place)),
        `bit ${bit}`,
      ).toBe("NOT_AUTHENTIC");
    }
  });

  test("refuses every changed character", () => {
    const sealed = box.seal("hunter2", place);
    for (let index = 0; index < sealed.length; index++) {
      const other = sealed[index] === "A" ? "B" : "A";
      const changed = `${sealed.slice(0, index)}${other}${sealed.slice(index + 1)}`;
      expect(
        codeOf(() => box.open(changed, place)),
        changed,
      ).toBeDefined();
    }
  });

  test("refuses two secrets that changed places", () => {
    const first = box.seal("one", place);
    const second = box.seal("two", elsewhere);
    expect(codeOf(() => box.open(second, place))).toBe("NOT_AUTHENTIC");
    expect(codeOf(() => box.open(first, elsewhere))).toBe("NOT_AUTHENTIC");
  });

  test("names a foreign key, and does not open under it even when its id is forged", () => {
    const other = sealedBox(randomBytes(32));
    const sealed = box.seal("hunter2", place);
    expect(codeOf(() => other.open(sealed, place))).toBe("UNKNOWN_KEY");
    expect(codeOf(() => other.open(sealed.replace(box.keyId, other.keyId), place))).toBe("NOT_AUTHENTIC");
  });

  test("two boxes of one key have one key id", () => {
    const key = randomBytes(32);
    expect(sealedBox(key).keyId).toBe(sealedBox(Buffer.from(key)).keyId);
    expect(sealedBox(key).keyId).toMatch(/^[0-9a-f]{8}$/);
  });

  test.each(["", "v1", "v2.00000000.AAAA", "v1.00000000.", `v1.${box.keyId}.AAAA`, `v1.${box.keyId}.!!!!`])(
    "%j is malformed",
    (sealed) => {
      expect(codeOf(() => box.open(sealed, place))).toBe("MALFORMED");
    },
  );

  test("a key of another length is refused", () => {
    expect(() => sealedBox(randomBytes(16))).toThrow(RangeError);
  });
});
