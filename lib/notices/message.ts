import type { NoticeFacts, TaskFacts } from "../schemas/notice-facts.ts";
import type { NoticeKind } from "../schemas/words.ts";
import { dingtalkUrl, feishuSignature, standardHeaders } from "./signature.ts";
import { type Notice, type NoticeText, noticeText, type Wording } from "./wording.ts";

/** What a message is made for. Holds secrets: never logged. */
export interface Receiver {
  kind: NoticeKind;
  url: string;
  /** Of the generic form the newest first; of a robot at most one. */
  secrets: readonly string[];
}

export interface Message {
  url: URL;
  headers: Record<string, string>;
  body: string;
}

/**
 * Bytes of text that the robots take: 企业微信 4096 in a markdown message (its documentation, "markdown类型"), 飞书 20 KB of body, 钉钉
 * and Slack more. What is longer is no notice any more, so the others get little more.
 */
const TEXT_BYTES: Record<Exclude<NoticeKind, "generic">, number> = {
  wecom: 4_096,
  dingtalk: 8_000,
  feishu: 8_000,
  slack: 8_000,
};

const JSON_BODY = { "content-type": "application/json; charset=utf-8" } as const;

/**
 * The request that tells a receiver of a notice, or of several at once.
 * @param id the same at each attempt: a receiver that has it already may pass over it
 */
export function messageFor(
  receiver: Receiver,
  { id, at, notices }: { id: string; at: Date; notices: readonly Notice[] },
  wording: Wording,
): Message {
  const url = new URL(receiver.url);
  const text = noticeText(notices, wording);
  const [secret] = receiver.secrets;
  switch (receiver.kind) {
    case "generic": {
      const body = JSON.stringify(genericBody(notices, text));
      return { url, body, headers: { ...JSON_BODY, ...standardHeaders({ id, body }, at, receiver.secrets) } };
    }
    case "wecom": {
      const content = fitted(markdown(text), TEXT_BYTES.wecom);
      return {
        url,
        headers: JSON_BODY,
        body: JSON.stringify({ msgtype: "markdown", markdown: { content } }),
      };
    }
    case "dingtalk": {
      const content = { title: text.title, text: fitted(markdown(text, "\n\n"), TEXT_BYTES.dingtalk) };
      const body = JSON.stringify({ msgtype: "markdown", markdown: content });
      return { url: secret ? dingtalkUrl(url, at, secret) : url, headers: JSON_BODY, body };
    }
    case "feishu": {
      const signature = secret ? feishuSignature(at, secret) : {};
      return {
        url,
        headers: JSON_BODY,
        body: JSON.stringify({ ...signature, ...feishuPost(text, wording) }),
      };
    }
    case "slack":
      return {
        url,
        headers: JSON_BODY,
        body: JSON.stringify({
          text: fitted(slackText(text), TEXT_BYTES.slack),
          unfurl_links: false,
        }),
      };
  }
}

/** What is data for machines, and the text beside it for whoever only wants to show it. README.md, "Notifications". */
function genericBody([notice]: readonly Notice[], text: NoticeText) {
  const facts = notice?.facts;
  return {
    type: notice?.event.replace("-", "."),
    timestamp: facts ? happenedAt(facts) : null,
    data: {
      ...(facts?.kind === "task" ? taskData(facts) : facts),
      url: text.link?.href ?? null,
      text: { title: text.title, lines: text.lines },
    },
  };
}

function taskData({ reasons, ...facts }: TaskFacts) {
  return {
    ...facts,
    reasons: reasons.map(({ fact, ...reason }) => ({
      ...reason,
      code: fact.code,
      side: fact.side,
      httpStatus: fact.httpStatus,
    })),
  };
}

function happenedAt(facts: NoticeFacts): string {
  switch (facts.kind) {
    case "task":
      return facts.task.endedAt;
    case "instance":
      return facts.until ?? facts.since;
    case "schedule":
      return facts.firedAt;
    case "sample":
      return facts.at;
  }
}

/**
 * Names come from registries and people: none of them may format, link or call anybody. Where these robots take a backslash is not
 * said, so each sign becomes its full-width form, which says the same.
 */
const plain = (text: string): string =>
  text
    .replace(/[<>[\]*`~@]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) + FULL_WIDTH))
    .replace(/\s+/g, " ");
/** From ASCII to the block "Halfwidth and Fullwidth Forms". */
const FULL_WIDTH = 0xfee0;

function markdown(text: NoticeText, gap = "\n"): string[] {
  const [title, ...lines] = [text.title, ...text.lines].map(plain);
  return [
    `**${title}**${gap}`,
    ...lines.map((line) => `${line}${gap}`),
    ...(text.link ? [`[${text.link.label}](${text.link.href})`] : []),
  ];
}

/** Slack, "Escaping text": these three, and nothing can call or link any more. */
const slackEscape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[*`_~]/g, (sign) => `\u200b${sign}`);

function slackText(text: NoticeText): string[] {
  return [
    `*${slackEscape(text.title)}*\n`,
    ...text.lines.map((line) => `${slackEscape(line)}\n`),
    ...(text.link ? [`<${text.link.href}|${slackEscape(text.link.label)}>`] : []),
  ];
}

function feishuPost(text: NoticeText, { locale }: Wording) {
  const lines = fittedLines(text.lines, TEXT_BYTES.feishu).map((line) => [{ tag: "text", text: line }]);
  const link = text.link ? [[{ tag: "a", text: text.link.label, href: text.link.href }]] : [];
  const post = { title: text.title, content: [...lines, ...link] };
  return { msg_type: "post", content: { post: { [locale === "zh-CN" ? "zh_cn" : "en_us"]: post } } };
}

/** The first and the last part, and of those between as many as fit. */
function fitted(parts: readonly string[], limitBytes: number): string {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  const between = fittedLines(rest, limitBytes - Buffer.byteLength(first) - Buffer.byteLength(last));
  return [first, ...between, last].join("").trimEnd();
}

function fittedLines(lines: readonly string[], limitBytes: number): string[] {
  const kept: string[] = [];
  let left = limitBytes;
  for (const line of lines) {
    left -= Buffer.byteLength(line);
    if (left < 0) {
      break;
    }
    kept.push(line);
  }
  return kept;
}
