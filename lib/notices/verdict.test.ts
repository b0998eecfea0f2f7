import { expect, test } from "vitest";
import en from "../../messages/en/notices.json" with { type: "json" };
import zh from "../../messages/zh-CN/notices.json" with { type: "json" };
import { NOTICE_FAILURES, verdictOf, verdictWithoutAnswer } from "./verdict.ts";

const answer = (status: number, body: object | string = "", retryAfterMs?: number) => ({
  status,
  text: typeof body === "string" ? body : JSON.stringify(body),
  retryAfterMs,
});

test.each([
  ["generic", answer(204), { kind: "sent" }],
  ["generic", answer(410), { kind: "gone" }],
  ["generic", answer(302), { kind: "refused", reason: "redirect" }],
  ["generic", answer(404), { kind: "refused", reason: "refused" }],
  ["generic", answer(503), { kind: "later", reason: "server-error" }],
  ["generic", answer(503, "", 9_000), { kind: "later", reason: "server-error", holdMs: 9_000 }],
  ["generic", answer(429), { kind: "later", reason: "rate-limited", holdMs: 60_000 }],
  ["slack", answer(200, "ok"), { kind: "sent" }],
  ["slack", answer(429, "", 1_000), { kind: "later", reason: "rate-limited", holdMs: 1_000 }],
  ["wecom", answer(200, { errcode: 0 }), { kind: "sent" }],
  ["wecom", answer(200, { errcode: 45009 }), { kind: "later", reason: "rate-limited", holdMs: 60_000 }],
  ["wecom", answer(200, { errcode: 93000 }), { kind: "refused", reason: "robot-missing" }],
  ["dingtalk", answer(200, { errcode: 130101 }), { kind: "later", reason: "rate-limited", holdMs: 600_000 }],
  ["dingtalk", answer(200, { errcode: 310000 }), { kind: "refused", reason: "security-settings" }],
  ["dingtalk", answer(200, { errcode: -1 }), { kind: "later", reason: "server-error" }],
  ["feishu", answer(200, { code: 0 }), { kind: "sent" }],
  ["feishu", answer(200, { StatusCode: 0 }), { kind: "sent" }],
  ["feishu", answer(400, { code: 19021 }), { kind: "refused", reason: "signature" }],
  ["feishu", answer(200, { code: 99 }), { kind: "refused", reason: "refused" }],
  ["wecom", answer(200, "<html>"), { kind: "refused", reason: "unexpected-answer" }],
  ["wecom", answer(502, "<html>"), { kind: "later", reason: "server-error" }],
] as const)("%s %j", (kind, received, verdict) => {
  expect(verdictOf(kind, received)).toEqual(verdict);
});

test("without an answer it is tried again, but not where it may not go", () => {
  expect(verdictWithoutAnswer("TIMEOUT")).toEqual({ kind: "later", reason: "timeout" });
  expect(verdictWithoutAnswer("TLS")).toEqual({ kind: "later", reason: "tls" });
  expect(verdictWithoutAnswer("EGRESS_DENIED")).toEqual({ kind: "refused", reason: "egress" });
});

test("each reason has its sentence, and no sentence is without its reason", () => {
  expect(Object.keys(en.failure).sort()).toEqual([...NOTICE_FAILURES].sort());
  expect(Object.keys(zh.failure).sort()).toEqual([...NOTICE_FAILURES].sort());
});
