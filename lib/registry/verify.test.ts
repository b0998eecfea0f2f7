import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ContentError } from "./errors.ts";
import { digestOf, verified } from "./verify.ts";

const bytes = Buffer.from("the bytes of a blob, in a few chunks");

async function* chunked(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += 7) {
    yield content.subarray(start, start + 7);
  }
}

async function handedOut(content: Buffer, expected: { digest: string; size: number }) {
  const out: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const chunk of verified(chunked(content), expected)) {
      out.push(chunk);
    }
  } catch (caught) {
    error = caught;
  }
  return { bytes: Buffer.concat(out), error };
}

test("right bytes pass unchanged, in either algorithm", async () => {
  for (const algorithm of ["sha256", "sha512"] as const) {
    const digest = digestOf(bytes, algorithm);
    expect(digest).toBe(`${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`);
    const result = await handedOut(bytes, { digest, size: bytes.length });
    expect(result.error).toBeUndefined();
    expect(result.bytes.equals(bytes)).toBe(true);
  }
});

test("no bytes at all are a blob too", async () => {
  const empty = Buffer.alloc(0);
  const result = await handedOut(empty, { digest: digestOf(empty), size: 0 });
  expect(result).toEqual({ bytes: empty, error: undefined });
});

test.each([
  ["a flipped bit", Buffer.from(bytes.map((byte, at) => (at === 3 ? byte ^ 1 : byte))), "DIGEST_MISMATCH"],
  [
    "a flipped bit at the end",
    Buffer.from(bytes.map((b, at) => (at === bytes.length - 1 ? b ^ 1 : b))),
    "DIGEST_MISMATCH",
  ],
  ["too few bytes", bytes.subarray(0, -1), "SIZE_MISMATCH"],
  ["too many bytes", Buffer.concat([bytes, Buffer.from("!")]), "SIZE_MISMATCH"],
])("%s never come out complete", async (_what, wrong, code) => {
  const result = await handedOut(wrong, { digest: digestOf(bytes), size: bytes.length });
  expect(result.error).toBeInstanceOf(ContentError);
  expect(result.error).toMatchObject({ code });
  expect(result.bytes.length).toBeLessThan(bytes.length);
});

test("a digest that nobody can check is refused", async () => {
  const result = await handedOut(bytes, {
    digest: "md5:d41d8cd98f00b204e9800998ecf8427e",
    size: bytes.length,
  });
  expect(result.error).toMatchObject({ code: "DIGEST_MISMATCH" });
});
