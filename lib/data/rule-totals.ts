import "server-only";
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { RuleDetail, RuleTotals } from "../schemas/rule.ts";
import { getRule } from "./rules.ts";
import { targetStates } from "./target-lag.ts";

const WINDOW_MS = 30 * 24 * 3600 * 1000;

/** A rule with what its last 30 days add up to, and where each of its targets stands. @throws {AppError} NOT_FOUND */
export async function getRuleDetail(actor: Actor, ruleId: string): Promise<RuleDetail> {
  const rule = await getRule(actor, ruleId);
  const [totals, states] = await Promise.all([totalsOf(rule.id), targetStates(rule)]);
  return { ...rule, totals, targetStates: states };
}

/** Task ids are UUIDv7, so the index bounds the read. */
async function totalsOf(ruleId: string): Promise<RuleTotals> {
  const oldest = uuidv7({ msecs: Date.now() - WINDOW_MS, random: new Uint8Array(16), seq: 0 });
  const { rows } = await database().execute<{ tasks: number; copied: string; reused: string }>(sql`
    select count(*)::int as tasks, coalesce(sum(bytes_copied), 0) as copied,
           coalesce(sum(bytes_mounted + bytes_skipped), 0) as reused
      from ${tasks} where rule_id = ${ruleId} and id >= ${oldest}`);
  const [row] = rows;
  return {
    tasks: row?.tasks ?? 0,
    bytesCopied: Number(row?.copied ?? 0),
    bytesReused: Number(row?.reused ?? 0),
  };
}
