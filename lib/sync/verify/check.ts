import type { Checked } from "../../schemas/verification.ts";
import type { Throttle } from "../throttle.ts";
import type { Walk } from "../walk.ts";
import type { VerifyMemory } from "./verify-memory.ts";

/** What every step of one verification needs to know. */
export interface Check {
  /** Only read with: its source for what lacks at the target, its target for everything else. */
  readonly walk: Walk;
  readonly memory: VerifyMemory;
  readonly deep: boolean;
  /** What is looked at was found in a list of referrers, or under one of cosign's tags. */
  readonly asReferrer?: boolean | undefined;
  readonly reading: Throttle;
  note(more: Partial<Checked>): void;
}
