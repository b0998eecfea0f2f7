import "server-only";
import { and, desc, eq, gt, ne, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { notifyLive } from "../db/notify.ts";
import { sessions } from "../db/schema/people.ts";
import type { SessionRow } from "../schemas/settings.ts";
import { recordAudit } from "./audit.ts";
import { notFound } from "./visibility.ts";

/** More browsers than this nobody has; the newest are shown. */
const SESSION_LIMIT = 50;

/**
 * The actor's sessions that still work, the one that asks first, then by when they were last used.
 * @param current hash of the session that asks
 * @param idleTimeoutS one that was silent for longer is over
 */
export async function listOwnSessions(
  actor: Actor<"account:view">,
  { current, idleTimeoutS }: { current: string; idleTimeoutS: number },
): Promise<SessionRow[]> {
  const rows = await database()
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, ownId(actor)),
        gt(sessions.expiresAt, sql`now()`),
        gt(sessions.lastSeenAt, sql`now() - make_interval(secs => ${idleTimeoutS})`),
      ),
    )
    .orderBy(desc(eq(sessions.idHash, current)), desc(sessions.lastSeenAt), desc(sessions.createdAt))
    .limit(SESSION_LIMIT);
  return rows.map((row) => ({
    id: row.idHash,
    ip: row.ip,
    userAgent: row.userAgent,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    current: row.idHash === current,
  }));
}

/** Ends one of the actor's own sessions: its next request is nobody's. @throws {AppError} NOT_FOUND */
export function endOwnSession(actor: Actor<"account:end-sessions">, sessionId: string): Promise<void> {
  return database().transaction(async (tx) => {
    const userId = ownId(actor);
    const [ended] = await tx
      .delete(sessions)
      .where(and(eq(sessions.idHash, sessionId), eq(sessions.userId, userId)))
      .returning({ userAgent: sessions.userAgent, ip: sessions.ip });
    if (!ended) {
      throw notFound();
    }
    await notifyLive(tx, { kind: "session", userId });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "session", id: null, name: actor.user.username },
      changes: { browser: { before: ended.userAgent, after: null }, ip: { before: ended.ip, after: null } },
    });
  });
}

/** Ends all of the actor's sessions but the one that asks. @returns how many there were */
export function endOtherSessions(
  actor: Actor<"account:end-sessions">,
  { current }: { current: string },
): Promise<{ ended: number }> {
  return database().transaction(async (tx) => {
    const ended = await endSessions(tx, ownId(actor), { except: current });
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "session", id: null, name: actor.user.username },
      changes: { sessions: { before: ended, after: 0 } },
    });
    return { ended };
  });
}

/** Ends a user's sessions and tells the streams that live on them. @returns how many */
export async function endSessions(
  tx: Tx,
  userId: string,
  { except }: { except?: string } = {},
): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), except === undefined ? undefined : ne(sessions.idHash, except)))
    .returning({ id: sessions.idHash });
  if (ended.length > 0) {
    await notifyLive(tx, { kind: "session", userId });
  }
  return ended.length;
}

function ownId(actor: Actor): string {
  const { id } = actor.user;
  if (id === null) {
    throw notFound();
  }
  return id;
}
