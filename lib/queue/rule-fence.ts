import { sql } from "drizzle-orm";
import type { Database, Tx } from "../db/client.ts";
import { holding, type Lease } from "./fence.ts";

/** The rule that a job works for was deleted. */
export class RuleGone extends Error {
  override readonly name = "RuleGone";

  constructor(ruleId: string) {
    super(`rule ${ruleId} is gone`);
  }
}

/**
 * The fence (fence.ts) of a job that works for a rule and no task: its row is share-locked while `write` runs, and the rule's
 * key with it.
 * @throws {LeaseLost} @throws {RuleGone}
 */
export function fencedByRule<T>(
  db: Database,
  lease: Lease,
  ruleId: string,
  write: (tx: Tx) => Promise<T>,
): Promise<T> {
  return holding(db, lease, { id: sql`${ruleId}`, gone: () => new RuleGone(ruleId) }, write);
}
