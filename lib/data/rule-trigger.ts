import "server-only";
import { eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { AppError } from "../errors.ts";
import { type StartedTask, startTask } from "../queue/start-task.ts";
import type { VerifyDepth } from "../schemas/verify-words.ts";
import { recordAudit } from "./audit.ts";
import { lockRule, manually } from "./rule-changes.ts";
import { once } from "./submissions.ts";

/** 触发同步. @throws {AppError} NOT_FOUND; CONFLICT rule-disabled, rule-targets-paused */
export function triggerRule(actor: Actor<"rule:trigger">, ruleId: string): Promise<StartedTask> {
  return start(actor, ruleId, { trigger: "manual" });
}

function start(
  actor: Actor<"rule:trigger">,
  ruleId: string,
  how: { trigger: "manual" | "verify"; verify?: VerifyDepth },
): Promise<StartedTask> {
  return once(actor, async (tx) => {
    const stored = await lockRule(tx, actor, ruleId);
    if (!stored.enabled) {
      throw new AppError("CONFLICT", "rule-disabled");
    }
    const targets = await tx.select().from(ruleTargets).where(eq(ruleTargets.ruleId, ruleId));
    if (targets.every((target) => target.pausedAt !== null)) {
      throw new AppError("CONFLICT", "rule-targets-paused");
    }
    const started = await startTask(tx, { ...manually(actor, ruleId), ...how });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "rule", id: ruleId, name: stored.name },
      changes: {
        task: { after: started.number },
        joined: { after: started.joined },
        ...(how.verify ? { verify: { after: how.verify } } : {}),
      },
    });
    return started;
  });
}

/**
 * 校验: a task that proves everything of the rule at its targets and sends again what is lacking there.
 * @throws {AppError} NOT_FOUND; CONFLICT rule-disabled, rule-targets-paused
 */
export function verifyRule(
  actor: Actor<"rule:trigger">,
  { ruleId, depth }: { ruleId: string; depth: VerifyDepth },
): Promise<StartedTask> {
  return start(actor, ruleId, { trigger: "verify", verify: depth });
}
