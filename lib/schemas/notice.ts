import { z } from "zod";
import { hasNoControl } from "./instance.ts";
import type { Instant } from "./task.ts";
import {
  LOCALES,
  type Locale,
  NOTICE_KINDS,
  NOTICE_STATES,
  type NoticeEvent,
  type NoticeKind,
  type NoticeState,
} from "./words.ts";

/** Addresses for notices that there may be. */
export const NOTICE_ADDRESS_LIMIT = 50;

const SCHEMES = new Set(["http:", "https:"]);

/** An address with everything after the host: there its secret is. */
function addressProblem(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !SCHEMES.has(url.protocol) || url.hostname === "") {
    return "notice-url-invalid";
  }
  return url.username || url.password ? "notice-url-has-credentials" : null;
}

const NoticeUrl = z
  .string({ error: "required" })
  .trim()
  .min(1, "required")
  .max(2048, "too-long-2048")
  .superRefine((text, context) => {
    const message = text === "" ? null : addressProblem(text);
    if (message) {
      context.addIssue({ code: "custom", message });
    }
  });

const fields = {
  name: z
    .string({ error: "required" })
    .trim()
    .min(1, "required")
    .max(64, "too-long-64")
    .refine(hasNoControl, "control-characters"),
  /** What the robot calls its signing key (加签, 签名校验); the generic form makes its own. */
  secret: z.string().trim().max(255, "too-long-255").refine(hasNoControl, "control-characters").default(""),
  locale: z.enum(LOCALES),
  failuresOnly: z.coerce.boolean<unknown>().default(false),
  allInstances: z.boolean().default(true),
  instanceIds: z.array(z.uuid()).max(500).default([]),
};

function checkInstances(
  value: { allInstances: boolean; instanceIds: readonly string[] },
  context: z.RefinementCtx,
): void {
  if (!value.allInstances && value.instanceIds.length === 0) {
    context.addIssue({ code: "custom", path: ["instanceIds"], message: "notice-instances-missing" });
  }
}

export const CreateNoticeInput = z
  .object({ ...fields, kind: z.enum(NOTICE_KINDS), url: NoticeUrl })
  .superRefine(checkInstances);
export type CreateNoticeInput = z.infer<typeof CreateNoticeInput>;

export const UpdateNoticeInput = z
  .object({
    ...fields,
    noticeId: z.uuid(),
    version: z.coerce.number().int().positive(),
    /** Empty: as it is. */
    url: z.union([z.literal(""), NoticeUrl]).default(""),
    /** The robot asks for no signature any more. */
    withoutSecret: z.coerce.boolean<unknown>().default(false),
  })
  .superRefine(checkInstances);
export type UpdateNoticeInput = z.infer<typeof UpdateNoticeInput>;

export const SetNoticeEnabledInput = z.object({ noticeId: z.uuid(), enabled: z.boolean() });
export const NoticeIdInput = z.object({ noticeId: z.uuid() });
export const RotateNoticeSecretInput = z.object({
  noticeId: z.uuid(),
  /** The secret before ends at once instead of after the overlap. */
  endPrevious: z.coerce.boolean<unknown>().default(false),
});
export type RotateNoticeSecretInput = z.infer<typeof RotateNoticeSecretInput>;
export const ResendNoticeInput = z.object({ deliveryId: z.uuid() });

/** URL state of /notifications. */
export const NoticeQuery = z.object({
  view: z.enum(["addresses", "deliveries", "verify"]).catch("addresses"),
  /** Deliveries of this address. */
  address: z.uuid().optional().catch(undefined),
  state: z.enum(NOTICE_STATES).optional().catch(undefined),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    .catch(20),
});
export type NoticeQuery = z.infer<typeof NoticeQuery>;

export interface NoticeAddressRow {
  id: string;
  name: string;
  kind: NoticeKind;
  urlHost: string;
  /** The last characters of the address. */
  urlHint: string;
  secretHint: string | null;
  secretSetAt: Instant | null;
  /** Until then the signing secret before signs too. */
  previousSecretUntil: Instant | null;
  locale: Locale;
  failuresOnly: boolean;
  allInstances: boolean;
  instances: { id: string; name: string }[];
  enabled: boolean;
  disabledReason: "gone" | null;
  held: { until: Instant; reason: "rate-limited" | "failing" | "pacing" } | null;
  waiting: number;
  /** The last one that was tried. */
  last: { at: Instant; state: NoticeState; reason: string | null; httpStatus: number | null } | null;
  version: number;
}

export interface NoticeDeliveryRow {
  id: string;
  address: { id: string; name: string };
  event: NoticeEvent;
  /** What it tells of: a rule and its task, or an instance. */
  about: { name: string; number: number | null; href: string | null } | null;
  state: NoticeState;
  at: Instant;
  attempts: number;
  lastAttemptAt: Instant | null;
  /** Of one that waits: when it is tried next. */
  nextAt: Instant | null;
  expiresAt: Instant;
  reason: string | null;
  httpStatus: number | null;
  answer: string | null;
  elapsedMs: number | null;
  /** Told in one message with others. */
  digest: boolean;
}

/** What a sample met with. */
export interface NoticeTestResult {
  sent: boolean;
  reason: string | null;
  httpStatus: number | null;
  answer: string | null;
  elapsedMs: number | null;
}
