import { z } from "zod";
import { compilePattern } from "../pattern/pattern.ts";
import { CRON_MAX_LENGTH, normalCron, parseCron } from "./cron.ts";
import { isTimeZone } from "./cron-runs.ts";
import { VERIFY_DEPTHS } from "./verify-words.ts";

export const RuleName = z
  .string({ error: "required" })
  .min(1, "required")
  .max(64, "too-long-64")
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "rule-name-invalid");

/** One or more path components of the OCI name grammar (distribution-spec v1.1.1, "Pulling manifests"); '' is the root. */
export const NAMESPACE =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
export const Namespace = z
  .string({ error: "required" })
  .max(255, "too-long-255")
  .refine((value) => value === "" || NAMESPACE.test(value), "namespace-invalid");

/** RE2, matched against the whole name; blank means all. */
export const Pattern = z
  .string()
  .max(1024, "too-long-1024")
  .superRefine((value, context) => {
    const compiled = compilePattern(value);
    if (!compiled.ok) {
      context.addIssue({
        code: "custom",
        message: `pattern-${compiled.error.code}`,
        params: { ...compiled.error },
      });
    }
  })
  .default("");

export const RuleTargetInput = z.object({
  instanceId: z.uuid({ error: "target-required" }),
  /** null: the same namespace as the source; '': the root. */
  namespace: Namespace.nullable(),
});
export type RuleTargetInput = z.infer<typeof RuleTargetInput>;

/** Five fields: minute hour day month weekday; so nothing is faster than once a minute. */
const CronExpression = z
  .string({ error: "required" })
  .max(CRON_MAX_LENGTH, "too-long-100")
  .superRefine((value, context) => {
    const parsed = parseCron(value);
    if (!parsed.ok) {
      const { code, ...params } = parsed.problem;
      context.addIssue({ code: "custom", message: value.trim() === "" ? "required" : code, params });
    }
  })
  .transform(normalCron);

export const ScheduleInput = z.object({
  cron: CronExpression,
  timeZone: z.string({ error: "required" }).max(64, "too-long-64").refine(isTimeZone, "time-zone-unknown"),
});

/** 校验 */
export const VerifyInput = z.object({
  after: z.enum(VERIFY_DEPTHS, { error: "verify-depth-unknown" }).nullable().default(null),
  schedule: ScheduleInput.extend({ deep: z.boolean().default(false) })
    .nullable()
    .default(null),
});
