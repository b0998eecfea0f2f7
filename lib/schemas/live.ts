import { z } from "zod";

/** The Postgres channel on which every process hears what changed. */
export const LIVE_CHANNEL = "lockstep_live";

const ends = { sourceInstanceId: z.uuid(), targetInstanceIds: z.array(z.uuid()).max(100) };

/**
 * Something that a page may show has changed: what, and the instances by whose grants it is visible.
 * It carries no content; who may see it asks for it. Bound: a NOTIFY payload is shorter than 8000 bytes.
 */
export const LiveEvent = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("task"), taskId: z.uuid(), ruleId: z.uuid(), ...ends }),
  z.object({ kind: z.literal("rule"), ruleId: z.uuid(), ...ends }),
  /** What a rule deletes at its targets: something was noticed, decided, or done. */
  z.object({ kind: z.literal("deletion"), ruleId: z.uuid(), ...ends }),
  /** `same`: it was checked and found as before; only its history has grown. */
  z.object({ kind: z.literal("instance"), instanceId: z.uuid(), same: z.boolean().optional() }),
  /** Something was told to an address of notices, is to be, or an address was changed. */
  z.object({ kind: z.literal("notice") }),
  /** Sessions of this user were ended. */
  z.object({ kind: z.literal("session"), userId: z.uuid() }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;
