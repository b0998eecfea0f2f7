import "server-only";
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { users } from "../db/schema/people.ts";
import { AppError } from "../errors.ts";
import { recordAudit } from "./audit.ts";
import { violates } from "./conflict.ts";
import { pauseTargets } from "./grants.ts";
import { endSessions } from "./sessions.ts";
import { once } from "./submissions.ts";
import { notFound } from "./visibility.ts";

type StoredUser = typeof users.$inferSelect;

/** A sub-account. `passwordHash` is argon2id (lib/auth/password). @throws {AppError} CONFLICT user-name-taken */
export function createUser(
  actor: Actor<"user:create">,
  input: { username: string; displayName: string; passwordHash: string },
): Promise<{ userId: string }> {
  return once(actor, async (tx) => {
    requireRoot(actor);
    const userId = uuidv7();
    try {
      await tx.insert(users).values({ id: userId, role: "sub-account", ...input });
    } catch (error) {
      if (violates(error, "users_username_unique")) {
        throw new AppError("CONFLICT", "user-name-taken", {
          fields: { username: "name-taken" },
          cause: error,
        });
      }
      throw error;
    }
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: input.username },
      changes: { username: { after: input.username }, displayName: { after: input.displayName } },
    });
    return { userId };
  });
}

/**
 * Disabling ends every session of the user at its next request, and pauses the targets that the user set.
 * @throws {AppError} NOT_FOUND; CONFLICT user-is-self, user-is-last-root
 */
export function setUserDisabled(
  actor: Actor<"user:disable">,
  { userId, disabled }: { userId: string; disabled: boolean },
): Promise<void> {
  return database().transaction(async (tx) => {
    const user = await lockUser(tx, actor, userId);
    if (disabled) {
      await checkExpendable(tx, actor, user);
      await endSessions(tx, userId);
      await pauseTargets(tx, userId);
    }
    await tx
      .update(users)
      .set({ disabledAt: disabled ? sql`coalesce(${users.disabledAt}, now())` : null })
      .where(eq(users.id, userId));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: user.username },
      changes: { disabled: { before: user.disabledAt !== null, after: disabled } },
    });
  });
}

/** Sets another user's password and ends that user's sessions. @throws {AppError} NOT_FOUND */
export function resetPassword(
  actor: Actor<"user:reset-password">,
  { userId, passwordHash }: { userId: string; passwordHash: string },
): Promise<void> {
  return database().transaction(async (tx) => {
    const user = await lockUser(tx, actor, userId);
    await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
    const own = actor.user.id === userId;
    if (!own) {
      await endSessions(tx, userId);
    }
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: user.username },
      changes: { password: { before: "set", after: "set" } },
    });
  });
}

/** @throws {AppError} NOT_FOUND; INVALID confirm-name-differs; CONFLICT user-is-self, user-is-last-root */
export function deleteUser(
  actor: Actor<"user:delete">,
  { userId, confirmName }: { userId: string; confirmName: string },
): Promise<void> {
  return database().transaction(async (tx) => {
    const user = await lockUser(tx, actor, userId);
    if (confirmName !== user.username) {
      throw new AppError("INVALID", "invalid", { fields: { confirmName: "confirm-name-differs" } });
    }
    await checkExpendable(tx, actor, user);
    await pauseTargets(tx, userId);
    await endSessions(tx, userId);
    await tx.delete(users).where(eq(users.id, userId));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: user.username },
      changes: { username: { before: user.username, after: null } },
    });
  });
}

/** One's own password, checked before (lib/auth/sign-in); every other session of the user ends. */
export function changeOwnPassword(
  actor: Actor<"account:change-password">,
  { passwordHash, keepSessionHash }: { passwordHash: string; keepSessionHash: string },
): Promise<void> {
  return database().transaction(async (tx) => {
    const userId = actor.user.id;
    if (userId === null) {
      throw notFound();
    }
    await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
    await endSessions(tx, userId, { except: keepSessionHash });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id: userId, name: actor.user.username },
      changes: { password: { before: "set", after: "set" } },
    });
  });
}

function requireRoot(actor: Actor): void {
  if (actor.holds !== "all") {
    throw notFound();
  }
}

async function lockUser(
  tx: Tx,
  actor: Actor<"user:disable" | "user:reset-password" | "user:delete">,
  userId: string,
): Promise<StoredUser> {
  requireRoot(actor);
  const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
  if (!user) {
    throw notFound();
  }
  return user;
}

/** Nobody removes themselves, and somebody must be left who can do everything. */
async function checkExpendable(tx: Tx, actor: Actor, user: StoredUser): Promise<void> {
  if (user.id === actor.user.id) {
    throw new AppError("CONFLICT", "user-is-self");
  }
  if (user.role === "root") {
    // Two roots who disable each other at once: the lock lets one of them see the other's change.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('lockstep last root', 0))`);
    const [other] = await tx
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.role, "root"), isNull(users.disabledAt), ne(users.id, user.id)))
      .limit(1);
    if (!other) {
      throw new AppError("CONFLICT", "user-is-last-root");
    }
  }
}
