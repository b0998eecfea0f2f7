import "server-only";
import { eq } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { users } from "../db/schema/people.ts";
import type { Locale } from "../schemas/locale.ts";
import { recordAudit } from "./audit.ts";
import { notFound } from "./visibility.ts";

/** The language in which the actor reads the console, in whichever browser. @throws {AppError} NOT_FOUND */
export function setOwnLocale(actor: Actor<"account:preferences">, locale: Locale): Promise<void> {
  return database().transaction(async (tx) => {
    const { id, username } = actor.user;
    if (!id) {
      throw notFound();
    }
    const [before] = await tx
      .select({ locale: users.locale })
      .from(users)
      .where(eq(users.id, id))
      .for("update");
    await tx.update(users).set({ locale }).where(eq(users.id, id));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id, name: username },
      changes: { locale: { before: before?.locale ?? null, after: locale } },
    });
  });
}
