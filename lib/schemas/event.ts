import { z } from "zod";
import type { Instant } from "./task.ts";
import { DIALECTS, type DialectName, type EventState } from "./words.ts";

/** Sets up the event address of an instance, or gives it a new token. */
export const SetEventAddressInput = z.object({
  instanceId: z.uuid(),
  dialect: z.enum(DIALECTS),
  /** The token before ends at once instead of after the overlap: it has become known to somebody. */
  endPrevious: z.coerce.boolean<unknown>().default(false),
});
export type SetEventAddressInput = z.infer<typeof SetEventAddressInput>;

/** What the page of an instance shows of its events. */
export interface InstanceEvents {
  /** Null: nobody has set it up. */
  address: EventAddress | null;
  /** The newest first. */
  latest: EventRow[];
}

export interface EventAddress {
  dialect: DialectName;
  /** The last characters of the token. */
  tokenHint: string;
  setAt: Instant;
  /** Until then the token before it counts too. */
  previousUntil: Instant | null;
}

export interface EventRow {
  id: string;
  at: Instant;
  state: EventState;
  /** Why it was ignored or refused. */
  reason: string | null;
  action: "push" | "delete" | null;
  repository: string | null;
  tag: string | null;
  digest: string | null;
  /** Of a refused request. */
  ip: string | null;
  /** What it started, or joined, of the rules that are still there. */
  started: { ruleId: string; ruleName: string; taskId: string }[];
}
