import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import en from "../../messages/en/notice-words.json" with { type: "json" };
import type { NoticeFacts, TaskFacts } from "../schemas/notice-facts.ts";
import { NOTICE_EVENTS, NOTICE_KINDS, TRIGGERS } from "../schemas/words.ts";
import { messageFor, type Receiver } from "./message.ts";
import { shownAnswer } from "./redact.ts";
import { dingtalkUrl, feishuSignature, makeSigningSecret, standardHeaders } from "./signature.ts";
import { type Notice, noticeText, type Wording } from "./wording.ts";

const CONSOLE = new URL("https://lockstep.example.com");
const ZH: Wording = { locale: "zh-CN", consoleUrl: CONSOLE };
const EN: Wording = { locale: "en", consoleUrl: CONSOLE };
const AT = new Date("2026-11-24T08:00:00Z");

const FACTS: TaskFacts = {
  kind: "task",
  task: {
    id: "01a20e3d-d2b6-7635-8bfa-1de65989882a",
    number: 1042,
    status: "partial",
    trigger: "event",
    createdAt: "2026-11-24T07:53:00Z",
    startedAt: "2026-11-24T07:53:48Z",
    endedAt: "2026-11-24T08:00:00Z",
  },
  rule: { id: "r", name: "app-mirror" },
  source: { instance: { id: "s", name: "shanghai" }, namespace: "team" },
  targets: [
    { instance: { id: "t", name: "singapore" }, namespace: null },
    { instance: { id: "u", name: "frankfurt" }, namespace: "" },
  ],
  result: { total: 120, copied: 110, upToDate: 5, skipped: 2, failed: 3, stopped: 0, bytesCopied: 1 },
  recovered: false,
  reasons: [
    {
      count: 3,
      fact: {
        code: "UNAUTHORIZED",
        side: "target",
        httpStatus: 401,
        registryMessage: null,
        request: null,
        digest: null,
      },
      instance: "singapore",
      repository: "team/app",
      tag: "1.0",
    },
  ],
};
const PARTIAL: Notice = { event: "task-partial", facts: FACTS };

describe("what people read", () => {
  test("a verification: what was whole, mended and left, under a title of its own", () => {
    const facts: TaskFacts = {
      ...FACTS,
      task: { ...FACTS.task, status: "succeeded", trigger: "verify" },
      reasons: [],
      verified: { whole: 120, repaired: 3, incomplete: 0 },
    };
    const told = (event: Notice["event"], wording: Wording) => noticeText([{ event, facts }], wording);
    expect(told("task-succeeded", ZH)).toMatchObject({
      title: "校验通过：app-mirror #1042",
      lines: expect.arrayContaining(["校验：完整120，其中修复3", "耗时6分12秒，校验触发"]),
    });
    expect(told("task-succeeded", EN)).toMatchObject({
      title: "Verified: app-mirror #1042",
      lines: expect.arrayContaining(["Verification: 120 whole, 3 of these repaired"]),
    });
    expect(told("task-stopped", EN).title).toBe("Stopped: app-mirror #1042");
    const late: NoticeFacts = {
      ...{ kind: "schedule", of: "verify", rule: FACTS.rule, instance: FACTS.source.instance },
      ...{ dueAt: "2026-11-24T02:00:00Z", firedAt: "2026-11-24T07:00:00Z" },
    };
    expect(noticeText([{ event: "schedule-late", facts: late }], ZH).title).toBe(
      "定期校验未按时触发：app-mirror",
    );
  });

  test("rule, way, result, reasons with what to do, duration, link", () => {
    expect(noticeText([PARTIAL], ZH)).toEqual({
      title: "部分成功：app-mirror #1042",
      lines: [
        "shanghai/team → singapore/team、frankfurt/根",
        "共120个版本：已同步110，已一致5，失败3，跳过2",
        "3项：singapore拒绝了我们的凭据（401），例如team/app:1.0。请更换凭据后重试。",
        "耗时6分12秒，事件触发",
      ],
      link: {
        label: "查看任务",
        href: "https://lockstep.example.com/tasks/01a20e3d-d2b6-7635-8bfa-1de65989882a",
      },
    });
    expect(noticeText([PARTIAL], { ...EN, consoleUrl: null })).toEqual({
      title: "Partly synced: app-mirror #1042",
      lines: [
        "shanghai/team → singapore/team, frankfurt/root",
        "Tags: 120. 110 copied, 5 up to date, 3 failed, 2 skipped",
        "3 × singapore refused our credentials (401), for example team/app:1.0. Rotate the credential, then retry.",
        "Took 6 min 12 s, started by an event",
      ],
      link: null,
    });
  });

  test("an outage and its end, a late schedule, a sample", () => {
    const instance = { id: "i", name: "singapore" };
    const since = "2026-11-24T07:00:00Z";
    const fact = {
      code: "TIMEOUT",
      side: null,
      httpStatus: null,
      registryMessage: null,
      request: null,
      digest: null,
    };
    const text = (event: Notice["event"], facts: NoticeFacts) => noticeText([{ event, facts }], EN);
    expect(
      text("instance-unreachable", { kind: "instance", instance, reachable: false, since, until: null, fact })
        .title,
    ).toBe("Instance unreachable: singapore");
    expect(
      text("instance-reachable", {
        kind: "instance",
        instance,
        reachable: true,
        since,
        until: "2026-11-24T08:04:00Z",
        fact: null,
      }).lines,
    ).toEqual(["Was away for 1 h 04 min"]);
    expect(
      text("schedule-late", {
        kind: "schedule",
        rule: { id: "r", name: "nightly" },
        instance,
        dueAt: since,
        firedAt: since,
      }).title,
    ).toBe("Schedule ran late: nightly");
    expect(text("test", { kind: "sample", at: since }).title).toBe("Test notification");
  });

  test("together: counts, what needs a hand first, ten by name", () => {
    const ok: Notice = { event: "task-succeeded", facts: FACTS };
    const { title, lines } = noticeText([...Array.from({ length: 14 }, () => ok), PARTIAL], ZH);
    expect(title).toBe("15条通知");
    expect(lines).toHaveLength(12);
    expect(lines.slice(0, 3)).toEqual([
      "部分成功1，同步成功14",
      "部分成功：app-mirror #1042",
      "同步成功：app-mirror #1042",
    ]);
    expect(lines.at(-1)).toBe("另有5条");
  });

  test("there is a word for every event and trigger, and none too many", () => {
    expect(Object.keys(en.title).sort()).toEqual([...NOTICE_EVENTS, "digest"].sort());
    expect(Object.keys(en.count).sort()).toEqual([...NOTICE_EVENTS].sort());
    expect(Object.keys(en.trigger).sort()).toEqual([...TRIGGERS].sort());
  });
});

const receiver = (kind: Receiver["kind"], secrets: string[] = []): Receiver => ({
  kind,
  url: "https://robots.example.com/send?access_token=abcdefgh",
  secrets,
});
const made = (to: Receiver, notices: readonly Notice[] = [PARTIAL], wording = ZH) => {
  const message = messageFor(to, { id: "m", at: AT, notices }, wording);
  return { ...message, json: JSON.parse(message.body) };
};

describe("messages", () => {
  test("企业微信: markdown", () => {
    const { json } = made(receiver("wecom"));
    expect(json.msgtype).toBe("markdown");
    expect(json.markdown.content).toMatch(/^\*\*部分成功：app-mirror #1042\*\*\nshanghai\/team → /);
    expect(json.markdown.content).toMatch(
      /\n\[查看任务\]\(https:\/\/lockstep\.example\.com\/tasks\/[\w-]+\)$/,
    );
  });

  test("钉钉: markdown, and a signature in the query", () => {
    const { json, url } = made(receiver("dingtalk", ["SECabc"]));
    expect(json.markdown.title).toBe("部分成功：app-mirror #1042");
    const sign = createHmac("sha256", "SECabc").update(`${AT.getTime()}\nSECabc`).digest("base64");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      access_token: "abcdefgh",
      timestamp: String(AT.getTime()),
      sign,
    });
    expect(made(receiver("dingtalk")).url.search).toBe("?access_token=abcdefgh");
  });

  test("飞书: rich text, and a signature in the body", () => {
    const { json } = made(receiver("feishu", ["abc"]));
    expect(json).toMatchObject({ msg_type: "post", timestamp: "1795507200" });
    expect(json.sign).toBe(createHmac("sha256", "1795507200\nabc").update("").digest("base64"));
    expect(json.content.post.zh_cn.content.at(-1)).toMatchObject([{ tag: "a", text: "查看任务" }]);
    expect(made(receiver("feishu"), [PARTIAL], EN).json.content.post.en_us.title).toContain("Partly");
  });

  test("Slack: its own markup", () => {
    const { json } = made(receiver("slack"), [PARTIAL], EN);
    expect(json.text).toMatch(/^\*Partly synced: app-mirror #1042\*\n/);
    expect(json.text).toMatch(/\n<https:\/\/lockstep\.example\.com\/tasks\/[\w-]+\|Open task>$/);
  });

  test.each(NOTICE_KINDS)("%s: what names say formats nothing and calls nobody", (kind) => {
    const facts = structuredClone(FACTS);
    facts.source.instance.name = "<!channel> <@all> [x](https://evil.example.com) **b**";
    const { body } = made(receiver(kind, kind === "generic" ? [makeSigningSecret()] : []), [
      { event: "task-partial", facts },
    ]);
    if (kind === "slack") {
      expect(body).not.toMatch(/<!channel>|<@all>/);
    } else if (kind === "wecom" || kind === "dingtalk") {
      expect(body).not.toMatch(/<!channel>|<@all>|\]\(https:\/\/evil|\*\*b/);
    } else {
      // Text of its own field: nothing in it is markup there.
      expect(JSON.parse(body)).toBeTypeOf("object");
    }
  });

  test.each(["wecom", "dingtalk", "feishu", "slack"] as const)(
    "%s: stays within what a robot takes",
    (kind) => {
      const facts = structuredClone(FACTS);
      facts.targets = Array.from({ length: 20 }, (_, n) => ({
        instance: { id: `${n}`, name: `区域${n}`.repeat(16) },
        namespace: "很长的命名空间".repeat(30),
      }));
      facts.reasons = facts.reasons.map((reason) => ({ ...reason, repository: "仓库".repeat(500) }));
      for (const notices of [
        [{ event: "task-partial", facts }],
        Array.from({ length: 200 }, () => PARTIAL),
      ]) {
        const { json, body } = made(receiver(kind), notices as Notice[]);
        expect(Buffer.byteLength(body)).toBeLessThan(20_000);
        expect(Buffer.byteLength(json.markdown?.content ?? "")).toBeLessThanOrEqual(4_096);
      }
    },
  );
});

describe("signatures", () => {
  test("one for each secret, over id, timestamp and body", () => {
    const secrets = [makeSigningSecret(), makeSigningSecret()];
    const headers = standardHeaders({ id: "m1", body: "{}" }, AT, secrets);
    expect(headers["webhook-timestamp"]).toBe("1795507200");
    const signatures = headers["webhook-signature"]?.split(" ") ?? [];
    expect(signatures).toEqual(
      secrets.map((secret) => {
        const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
        expect(key).toHaveLength(32);
        return `v1,${createHmac("sha256", key).update("m1.1795507200.{}").digest("base64")}`;
      }),
    );
  });

  test("the vectors of Standard Webhooks", () => {
    const headers = standardHeaders(
      { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' },
      new Date(1_614_265_330_000),
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    );
    expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("钉钉 and 飞书 sign in ways of their own", () => {
    expect(
      dingtalkUrl(new URL("https://x.example.com/?access_token=a"), AT, "s").searchParams.get("sign"),
    ).toBe(createHmac("sha256", "s").update("1795507200000\ns").digest("base64"));
    expect(feishuSignature(AT, "s").sign).toBe(createHmac("sha256", "1795507200\ns").digest("base64"));
  });
});

test("an answer that repeats the address or a secret does not show it", () => {
  const url = "https://hooks.example.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccc?key=dddddddd%2Beeee";
  const answer = `no ${url}\nand dddddddd+eeee, cccccccccccc, SECverysecret in\tservices`;
  expect(shownAnswer(answer, { url, secrets: ["SECverysecret"] })).toBe("no ••• and •••, •••, ••• in •••");
  expect(shownAnswer("x".repeat(900), { url, secrets: [] })).toHaveLength(501);
});
