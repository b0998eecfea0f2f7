import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { BODY_EXAMPLE, NODE_EXAMPLE, PYTHON_EXAMPLE } from "../../components/notices/verify-examples.ts";
import { makeSigningSecret, standardHeaders } from "./signature.ts";

/** What people copy into their receivers is run here as it stands. */
const secrets = [makeSigningSecret(), makeSigningSecret()] as const;
const body = `${BODY_EXAMPLE} 同步`;
const headers = (at: Date) => standardHeaders({ id: "m1", body }, at, secrets);
const now = new Date();
const CASES = [
  { secret: secrets[0], headers: headers(now), body, genuine: true },
  { secret: secrets[1], headers: headers(now), body, genuine: true },
  { secret: makeSigningSecret(), headers: headers(now), body, genuine: false },
  { secret: secrets[0], headers: headers(now), body: `${body} `, genuine: false },
  { secret: secrets[0], headers: { ...headers(now), "webhook-id": "m2" }, body, genuine: false },
  { secret: secrets[0], headers: headers(new Date(now.getTime() - 301_000)), body, genuine: false },
  { secret: secrets[0], headers: headers(new Date(now.getTime() + 310_000)), body, genuine: false },
];

test("the example for Node tells what is genuine", async () => {
  const source = `data:text/javascript,${encodeURIComponent(NODE_EXAMPLE)}`;
  const { verify } = await import(/* @vite-ignore */ source);
  expect(CASES.map((each) => verify(each.secret, each.headers, Buffer.from(each.body)))).toEqual(
    CASES.map(({ genuine }) => genuine),
  );
});

test("the example for Python does too", () => {
  const script = `${PYTHON_EXAMPLE}
import json, sys
print(json.dumps([verify(c["secret"], c["headers"], c["body"].encode()) for c in json.load(sys.stdin)]))`;
  const run = spawnSync("python3", ["-c", script], { input: JSON.stringify(CASES), encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(JSON.parse(run.stdout)).toEqual(CASES.map(({ genuine }) => genuine));
});
