import { createHash } from "node:crypto";
import type { Database } from "../db/client.ts";
import { eventAddresses } from "../db/schema/events.ts";

/** Sets up the event address of an instance, as the console does, for a sender that shows a token in a header. */
export async function insertEventAddress(
  db: Database,
  instanceId: string,
  { dialect, token }: { dialect: (typeof eventAddresses.$inferInsert)["dialect"]; token: string },
): Promise<void> {
  await db.insert(eventAddresses).values({
    instanceId,
    dialect,
    tokenHash: createHash("sha256").update(token).digest("hex"),
    tokenHint: token.slice(-4),
  });
}
