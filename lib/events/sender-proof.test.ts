import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DIALECTS, type DialectName, SENDER_PROOFS } from "../schemas/words.ts";
import { hashToken, makeToken, type OfferedProof, provesSender } from "./sender-proof.ts";

const body = Buffer.from('{"repository":"team/app"}');
const stored = (token: string) => ({ hash: hashToken(token), secret: token });
const offer = (headers: Record<string, string>, pathSecret: string | null = null): OfferedProof => ({
  header: (name) => headers[name] ?? null,
  pathSecret,
  body,
});
const signed = (token: string, bytes: Buffer = body) =>
  offer({ "x-hub-signature-256": `sha256=${createHmac("sha256", token).update(bytes).digest("hex")}` });
const bearer = (token: string) => offer({ authorization: `Bearer ${token}` });
const basic = (pair: string) => offer({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });

/** How a sender of each dialect proves itself. */
const proofOf = (dialect: DialectName, token: string): OfferedProof =>
  ({ header: bearer(token), signature: signed(token), path: offer({}, token) })[SENDER_PROOFS[dialect]];

test("a token has 192 bits and is not made twice", () => {
  const tokens = new Set(Array.from({ length: 100 }, makeToken));
  expect(tokens.size).toBe(100);
  for (const token of tokens) {
    expect(token).toMatch(/^lse_[\w-]{32}$/);
  }
});

describe.each(DIALECTS.map((dialect) => [dialect] as const))("%s", (dialect) => {
  const token = makeToken();
  test("its own way, with the token or the one before it", () => {
    const before = makeToken();
    expect(provesSender(dialect, proofOf(dialect, token), [stored(token)])).toBe(true);
    expect(provesSender(dialect, proofOf(dialect, before), [stored(token), stored(before)])).toBe(true);
    expect(provesSender(dialect, proofOf(dialect, before), [stored(token)])).toBe(false);
    expect(provesSender(dialect, proofOf(dialect, token), [])).toBe(false);
  });

  test("no forgery", () => {
    const wrong = ["", token.slice(0, -1), `${token}x`, token.toUpperCase(), hashToken(token), makeToken()];
    for (const guess of wrong) {
      expect(provesSender(dialect, proofOf(dialect, guess), [stored(token)]), guess).toBe(false);
    }
    expect(provesSender(dialect, offer({}), [stored(token)])).toBe(false);
  });

  test("no other dialect's way", () => {
    const own = SENDER_PROOFS[dialect];
    const ways = { header: bearer(token), signature: signed(token), path: offer({}, token) };
    const accepted = Object.entries(ways).filter(([, way]) => provesSender(dialect, way, [stored(token)]));
    expect(accepted.map(([name]) => name)).toEqual([own]);
  });
});

test("a header holds the token as Bearer, as a password, or bare", () => {
  const token = makeToken();
  const accepts = (offered: OfferedProof) => provesSender("harbor", offered, [stored(token)]);
  expect(accepts(offer({ authorization: token }))).toBe(true);
  expect(accepts(offer({ authorization: `bearer ${token}` }))).toBe(true);
  expect(accepts(basic(`lockstep:${token}`))).toBe(true);
  expect(accepts(basic(`${token}:x`))).toBe(false);
  expect(accepts(offer({ authorization: `Digest ${token}` }))).toBe(false);
});

test("a signature counts for its body only, and never without a secret", () => {
  const token = makeToken();
  const other = signed(token, Buffer.from("{}"));
  expect(provesSender("ghcr", other, [stored(token)])).toBe(false);
  expect(provesSender("ghcr", signed(token), [{ hash: hashToken(token), secret: null }])).toBe(false);
});
