import type { NoticeKind } from "../schemas/words.ts";

/**
 * What an answer means. `later`: try again, and leave the address alone for `holdMs` where it asks for that; `refused`: the same
 * message will not be taken; `gone`: nobody is there any more.
 */
export type Verdict =
  | { kind: "sent" }
  | { kind: "later"; reason: NoticeFailure; holdMs?: number | undefined }
  | { kind: "refused"; reason: NoticeFailure }
  | { kind: "gone" };

/** Why a notice was not taken: keys of `failure` in messages/<locale>/notices.json. */
export const NOTICE_FAILURES = [
  "timeout",
  "connection",
  "dns",
  "tls",
  "egress",
  "redirect",
  "server-error",
  "rate-limited",
  "gone",
  "signature",
  "security-settings",
  "keyword",
  "robot-missing",
  "ip-refused",
  "refused",
  "unexpected-answer",
  "unreadable-secret",
  "subject-gone",
  "expired",
] as const;
export type NoticeFailure = (typeof NOTICE_FAILURES)[number];

const MINUTE_MS = 60_000;
const RETRYABLE_STATUS = new Set([408, 425, 429]);

export interface ReceivedAnswer {
  status: number;
  text: string;
  retryAfterMs: number | undefined;
}

/** Reads an answer: by its status, and where a robot says 200 to everything, by the code in its body. */
export function verdictOf(kind: NoticeKind, { status, text, retryAfterMs }: ReceivedAnswer): Verdict {
  if (status >= 200 && status < 300) {
    const code = robotCode(kind, text);
    if (code === null && ROBOT_KINDS.has(kind)) {
      // A page of a proxy, or another address altogether.
      return { kind: "refused", reason: "unexpected-answer" };
    }
    return code === null || code === 0 ? { kind: "sent" } : robotVerdict(kind, code);
  }
  if (status === 410) {
    return { kind: "gone" };
  }
  if (status >= 300 && status < 400) {
    return { kind: "refused", reason: "redirect" };
  }
  if (status >= 500 || RETRYABLE_STATUS.has(status)) {
    const limited = status === 429;
    return {
      kind: "later",
      reason: limited ? "rate-limited" : "server-error",
      holdMs: retryAfterMs ?? (limited ? MINUTE_MS : undefined),
    };
  }
  const code = robotCode(kind, text);
  return code === null || code === 0 ? { kind: "refused", reason: "refused" } : robotVerdict(kind, code);
}

/** 企业微信 and 钉钉 say `errcode`, 飞书 says `code`; Slack and our own form go by the status. */
function robotCode(kind: NoticeKind, text: string): number | null {
  if (!ROBOT_KINDS.has(kind)) {
    return null;
  }
  try {
    const body: unknown = JSON.parse(text);
    const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const code = Number(kind === "feishu" ? (fields.code ?? fields.StatusCode) : fields.errcode);
    return Number.isInteger(code) ? code : null;
  } catch {
    return null;
  }
}

/** Whose answer has a code. */
const ROBOT_KINDS: ReadonlySet<NoticeKind> = new Set(["wecom", "dingtalk", "feishu"]);

type RobotVerdicts = Readonly<Record<number, Verdict>>;

const limited = (minutes: number): Verdict => ({
  kind: "later",
  reason: "rate-limited",
  holdMs: minutes * MINUTE_MS,
});
const busy: Verdict = { kind: "later", reason: "server-error" };

/** Codes of the vendors' documentation that call for something of their own; every other one is a refusal. */
const ROBOTS: Readonly<Record<"wecom" | "dingtalk" | "feishu", RobotVerdicts>> = {
  wecom: {
    [-1]: busy,
    45009: limited(1),
    93000: { kind: "refused", reason: "robot-missing" },
  },
  dingtalk: {
    [-1]: busy,
    // More than 20 a minute: the robot is silent for ten.
    130101: limited(10),
    410100: limited(10),
    300001: { kind: "refused", reason: "robot-missing" },
    300005: { kind: "refused", reason: "robot-missing" },
    // One code for a wrong signature, a missing keyword and an address that is not listed; the answer says which.
    310000: { kind: "refused", reason: "security-settings" },
  },
  feishu: {
    11232: limited(1),
    2200: busy,
    19001: { kind: "refused", reason: "robot-missing" },
    19021: { kind: "refused", reason: "signature" },
    19022: { kind: "refused", reason: "ip-refused" },
    19024: { kind: "refused", reason: "keyword" },
  },
};

function robotVerdict(kind: NoticeKind, code: number): Verdict {
  const known = kind === "generic" || kind === "slack" ? undefined : ROBOTS[kind][code];
  return known ?? { kind: "refused", reason: "refused" };
}

const TRANSPORT: Readonly<Record<string, Verdict>> = {
  TIMEOUT: { kind: "later", reason: "timeout" },
  CONNECTION: { kind: "later", reason: "connection" },
  DNS: { kind: "later", reason: "dns" },
  // A certificate that ran out is renewed within hours.
  TLS: { kind: "later", reason: "tls" },
  EGRESS_DENIED: { kind: "refused", reason: "egress" },
};

/** No answer came. `code`: of a TransportError. */
export function verdictWithoutAnswer(code: string): Verdict {
  return TRANSPORT[code] ?? { kind: "later", reason: "connection" };
}
