import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import en from "../../messages/en/errors.json" with { type: "json" };
import zh from "../../messages/zh-CN/errors.json" with { type: "json" };
import { codeWithoutWords, FAILURE_KEYS, type FailureKey, failureKey } from "../schemas/failure-key.ts";
import type { FailureFact } from "../schemas/task.ts";
import { errorSentence, splitAtDigests } from "./error-sentence.ts";

const fact = (fields: Partial<FailureFact>): FailureFact => ({
  code: "UNKNOWN",
  side: "target",
  httpStatus: null,
  registryMessage: null,
  request: null,
  digest: null,
  ...fields,
});

const said = (code: string, httpStatus: number | null, registryMessage: string | null = null) => ({
  code,
  httpStatus,
  registryMessage,
});

test.each<[FailureKey, Partial<FailureFact>]>([
  ["credentials", said("UNAUTHORIZED", 401, "authentication required")],
  ["credentials", said("UNKNOWN", 401)],
  ["no-push", said("DENIED", 403, "requested access to the resource is denied")],
  ["no-pull", { ...said("DENIED", 403), side: "source" }],
  ["quota", said("DENIED", 413, "quota of project ai: 1.98 TiB used of 2.00 TiB")],
  ["quota", said("DENIED", 403, "adding 10 MiB would exceed the project quota")],
  [
    "quota",
    said(
      "DENIED",
      413,
      "adding 5.5 MiB of storage resource, which when updated to current usage of 95.4 MiB will exceed the configured upper limit of 100.0 MiB.",
    ),
  ],
  ["no-space", said("UNKNOWN", 507)],
  ["no-space", said("UNKNOWN", 500, "write: no space left on device")],
  ["too-large", said("UNKNOWN", 413, "<html>413 Request Entity Too Large")],
  ["sparse-refused", said("SPARSE_INDEX_REFUSED", 400, "manifest blob unknown to registry")],
  ["platform-absent", said("platform-absent", null)],
  ["immutable", said("DENIED", 412, "configured as immutable")],
  ["immutable", said("UNKNOWN", 412)],
  ["immutable", said("TAG_INVALID", 400, "The image tag '1.0' already exists and is immutable")],
  ["rate-limited", { ...said("TOOMANYREQUESTS", 429), side: "source" }],
  ["rate-limited", said("UNKNOWN", 429)],
  ["digest-mismatch", { ...said("DIGEST_MISMATCH", null), side: "source" }],
  ["digest-mismatch-target", said("DIGEST_MISMATCH", null)],
  ["web-page", { ...said("WEB_PAGE", null), side: "source" }],
  ["token-server", said("UNAUTHORIZED", 200)],
  ["digest-mismatch", said("DIGEST_INVALID", 400)],
  ["size-mismatch", said("SIZE_MISMATCH", null)],
  ["connection", said("CONNECTION", null, "read ECONNRESET")],
  ["timeout", said("TIMEOUT", null)],
  ["dns", said("DNS", null)],
  ["tls-expired", said("TLS", null, "certificate has expired")],
  ["tls-issuer", said("TLS", null, "unable to verify the first certificate")],
  ["tls-name", said("TLS", null, "Hostname/IP does not match certificate's altnames")],
  ["tls", said("TLS", null, "wrong version number")],
  ["egress", said("EGRESS_DENIED", null)],
  ["redirect", said("REDIRECT_REFUSED", null)],
  ["namespace-missing", said("NAME_UNKNOWN", 404)],
  ["repository-missing", { ...said("NAME_UNKNOWN", 404), side: "source" }],
  ["tag-gone", { ...said("MANIFEST_UNKNOWN", 404), side: "source" }],
  ["tag-gone", said("source-deleted", null)],
  ["blob-missing", { ...said("BLOB_UNKNOWN", 404), side: "source" }],
  ["content-missing", said("MANIFEST_BLOB_UNKNOWN", 404)],
  ["target-lacks", said("TARGET_LACKS", null)],
  ["target-damaged", said("TARGET_DAMAGED", null)],
  ["referrer-unlisted", said("REFERRER_UNLISTED", null)],
  ["tag-differs", said("TAG_DIFFERS", null)],
  ["manifest-too-deep", { ...said("MANIFEST_TOO_DEEP", null), side: "source" }],
  ["token-server", { ...said("TOKEN_SERVER", 503), side: "source" }],
  ["manifest-unreadable", { ...said("UNREADABLE_MANIFEST", null), side: "source" }],
  ["schema-1", { ...said("SCHEMA1_UNSUPPORTED", null), side: "source" }],
  ["chart-unreadable", { ...said("UNREADABLE_CHART", null), side: "source" }],
  ["chart-too-large", { ...said("CHART_TOO_LARGE", null), side: "source" }],
  ["manifest-too-large", { ...said("MANIFEST_TOO_LARGE", null), side: "source" }],
  ["manifest-refused", said("MANIFEST_INVALID", 400)],
  ["name-invalid", said("NAME_INVALID", 400)],
  ["unsupported", said("UNSUPPORTED", 405)],
  ["registry-fault", said("UNKNOWN", 503)],
  ["refused", said("UNKNOWN", 418)],
  ["exists", said("exists", null)],
  ["source-behind", said("source-behind", null)],
  ["unknown", said("SOMETHING_NEW", null)],
])("%s", (key, fields) => {
  expect(failureKey(fact(fields))).toBe(key);
});

test.each<[FailureKey, Partial<FailureFact>]>([
  ["quota", said("DENIED", 413, "quota of project ai: 1.98 TiB used of 2.00 TiB")],
  ["no-space", said("UNKNOWN", 500, "write: no space left on device")],
  ["immutable", said("TAG_INVALID", 400, "The image tag '1.0' already exists and is immutable")],
  ["tls-expired", said("TLS", null, "certificate has expired")],
  ["too-large", said("UNKNOWN", 413, "<html>413 Request Entity Too Large")],
  ["no-push", said("DENIED", 403, "requested access to the resource is denied")],
])("%s without what the registry said is the same", (key, fields) => {
  const whole = fact(fields);
  expect(failureKey({ ...whole, code: codeWithoutWords(whole), registryMessage: null })).toBe(key);
});

test("a full disk at the source does not ask for space at the target", () => {
  expect(failureKey(fact({ ...said("UNKNOWN", 500, "no space left on device"), side: "source" }))).toBe(
    "registry-fault",
  );
});

const denied = fact({
  ...said("DENIED", 403),
  request: "POST https://registry.sg.example.com/v2/ai/llm-gateway/blobs/uploads/",
});

test("names who refused what, in both languages", () => {
  const context = { instance: "新加坡", account: "robot$sync", namespace: "ai" };
  expect(errorSentence(denied, context, "zh-CN", zh.failure)).toEqual({
    title: "新加坡的账号robot$sync无权推送到ai（403）",
    short: "无权推送",
    advice: "请在该仓库授予推送权限。",
  });
  expect(errorSentence(denied, { ...context, instance: "Singapore" }, "en", en.failure).title).toBe(
    "Account robot$sync may not push to ai on Singapore (403)",
  );
});

test("without context the request names the place", () => {
  expect(errorSentence(denied, {}, "zh-CN", zh.failure).title).toBe(
    "目标不允许我们推送到ai/llm-gateway（403）",
  );
  const dns = fact({ code: "DNS", request: "GET https://registry.sg.example.com/v2/" });
  expect(errorSentence(dns, {}, "en", en.failure).title).toBe("Host registry.sg.example.com was not found");
});

test("a digest is shortened in its middle", () => {
  const missing = fact({
    code: "BLOB_UNKNOWN",
    side: "source",
    httpStatus: 404,
    digest: `sha256:9b1c04${"0".repeat(52)}e27f58`,
  });
  expect(errorSentence(missing, {}, "zh-CN", zh.failure).title).toBe(
    "源端清单引用的层sha256:9b1c04…e27f58不存在，镜像本身已损坏",
  );
});

test.each([
  ["zh-CN", zh],
  ["en", en],
] as const)("%s has a sentence for every key, and fills every placeholder", (locale, messages) => {
  for (const key of FAILURE_KEYS) {
    expect(messages.failure[key], key).toBeDefined();
  }
  expect(Object.keys(messages.failure).toSorted()).toEqual([...FAILURE_KEYS, "side"].toSorted());
  const known = new Set(["inst", "side", "acct", "ns", "tag", "host", "digest", "status", "code"]);
  const placeholders = JSON.stringify({ ...messages.failure, side: null }).matchAll(/\{(\w+)\}/g);
  expect([...placeholders].map((match) => match[1]).filter((name) => !known.has(name ?? ""))).toEqual([]);
  expect(errorSentence(fact(said("DENIED", 403)), {}, locale, messages.failure).title).not.toMatch(/[{}]/);
});

test("a sentence parts at its shortened digest, in both languages, and nowhere else", () => {
  const digest = `sha256:9b1c04${"0".repeat(52)}e27f58`;
  const damaged = fact({ code: "TARGET_DAMAGED", digest });
  for (const [locale, messages] of [
    ["zh-CN", zh],
    ["en", en],
  ] as const) {
    const { title } = errorSentence(damaged, { tag: "api:v1…beta" }, locale, messages.failure);
    const parts = splitAtDigests(title);
    expect(parts).toHaveLength(3);
    expect(parts[1]).toBe("sha256:9b1c04…e27f58");
    expect(parts.join("")).toBe(title);
  }
  expect(splitAtDigests("no digest here")).toEqual(["no digest here"]);
});

test("both languages know the same reasons", () => {
  expect(Object.keys(en).toSorted()).toEqual(Object.keys(zh).toSorted());
});

test("every reason that our code refuses with has a sentence", () => {
  const sources = readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => readFileSync(`lib/${file}`, "utf8"));
  const raised = sources.flatMap((text) =>
    [...text.matchAll(/new AppError\(\s*"[A-Z_]+",\s*"([a-z-]+)"/g)].map((match) => match[1] ?? ""),
  );
  expect(raised.length).toBeGreaterThan(10);
  expect([...new Set(raised)].filter((reason) => !Object.hasOwn(zh, reason))).toEqual([]);
});
