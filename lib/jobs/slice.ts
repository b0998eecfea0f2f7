import type { Database } from "../db/client.ts";
import type { CopyJob } from "../queue/queues.ts";
import type { RuleSnapshot } from "../schemas/rule.ts";
import type { VerifyDepth } from "../schemas/verify-words.ts";
import type { Throttle } from "../sync/throttle.ts";
import type { VerifyMemory } from "../sync/verify/verify-memory.ts";
import type { Connection } from "./connections.ts";
import type { RunningJob } from "./job.ts";
import type { TargetPlacements } from "./placements.ts";
import type { Progress } from "./progress.ts";

/** Everything the transfers of one slice share. */
export interface Slice {
  readonly job: RunningJob<CopyJob>;
  readonly db: Database;
  readonly rule: RuleSnapshot;
  readonly source: Connection;
  readonly target: Connection;
  readonly placements: TargetPlacements;
  readonly throttle: Throttle;
  /** Others of ours may write the same tags: each is claimed before it is. */
  readonly claimsTags: boolean;
  /** Rules start at the target: what was copied there may be on its way back, older than what stands. */
  readonly comesBack: boolean;
  /** What is copied, or stands there, is proven as well; null: not. */
  readonly verify: VerifyDepth | null;
  readonly verifyMemory: VerifyMemory;
  readonly progress: Progress;
  /** Faults of ours and of the database, in the order in which they came. */
  readonly faults: unknown[];
  /** What makes transfers wait that are due again, and the end that does. */
  readonly retries: { readonly instanceId: string; readonly error: unknown }[];
  /** Transfers that have ended in this attempt. */
  ended: number;
}
