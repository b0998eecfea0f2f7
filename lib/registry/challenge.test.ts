import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const parsed = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) }));

test.each<[string, Record<string, string>[]]>([
  ["", []],
  ["Basic", [{ scheme: "basic" }]],
  ['Basic realm="Registry Realm"', [{ scheme: "basic", realm: "Registry Realm" }]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      {
        scheme: "bearer",
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: "repository:a/b:pull,push",
      },
    ],
  ],
  [
    'BEARER Realm = "https://x/?a=b,c" , SERVICE=plain ,error="insufficient_scope"',
    [{ scheme: "bearer", realm: "https://x/?a=b,c", service: "plain", error: "insufficient_scope" }],
  ],
  [
    'Negotiate, Basic realm="a, \\"b\\"", Bearer realm="https://x"',
    [{ scheme: "negotiate" }, { scheme: "basic", realm: 'a, "b"' }, { scheme: "bearer", realm: "https://x" }],
  ],
  ["NTLM TlRMTVNTUAABAAAA==, Basic realm=x", [{ scheme: "ntlm" }, { scheme: "basic", realm: "x" }]],
  ['Basic realm="a", realm="b"', [{ scheme: "basic", realm: "a" }]],
  [',, Basic realm="a" ,', [{ scheme: "basic", realm: "a" }]],
  // What breaks the grammar ends the reading.
  ['Bearer realm="unterminated', [{ scheme: "bearer" }]],
  ["Bearer realm=", [{ scheme: "bearer" }]],
  ["\u0000\u0001", []],
])("%j", (header, expected) => {
  expect(parsed(header)).toEqual(expected);
});

test("a hostile header costs no time", () => {
  const started = performance.now();
  for (const piece of ['"', "\\", 'a="', "a,", "a=b ", '\\"', " ", "a = "]) {
    parseChallenges(`Bearer realm=${piece.repeat(100_000)}`);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
