import "server-only";
import { and, eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { submissions } from "../db/schema/history.ts";

/**
 * Runs `write` in a transaction, once for each submission of a form: sent again with the same key, by a second click or by a
 * browser that did not hear the answer, it answers as it did the first time and changes nothing. Two at the same moment take
 * turns on the key's row, which stands or falls with the change; what was refused leaves the key free.
 */
export function once<Result>(actor: Actor, write: (tx: Tx) => Promise<Result>): Promise<Result> {
  return database().transaction(async (tx) => {
    const { submission } = actor;
    const userId = actor.user.id;
    if (!submission || userId === null) {
      return write(tx);
    }
    const place = and(eq(submissions.userId, userId), eq(submissions.key, submission));
    const claimed = await tx
      .insert(submissions)
      .values({ userId, key: submission, action: actor.permission })
      .onConflictDoNothing()
      .returning({ key: submissions.key });
    if (claimed.length === 0) {
      const [first] = await tx.select().from(submissions).where(place);
      if (first?.action === actor.permission) {
        return first.result as Result;
      }
      // The key of another action: not a repetition of this one.
      return write(tx);
    }
    const result = await write(tx);
    await tx
      .update(submissions)
      .set({ result: result ?? null })
      .where(place);
    return result;
  });
}
