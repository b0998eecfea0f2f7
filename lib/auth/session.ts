import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { decode } from "next-auth/jwt";
import { database, type Executor } from "../db/client.ts";
import { sessions, users } from "../db/schema/people.ts";
import { databaseTrouble } from "../db/trouble.ts";
import { log } from "../log.ts";
import { derivedKey } from "./keys.ts";
import { cookieName, currentRequest, type RequestFacts, readCookie, type SignedInUser } from "./request.ts";

/** A session ends this long after it began, whatever happens. ASVS 5.0 7.3.2. */
export const ABSOLUTE_TIMEOUT_S = 7 * 24 * 3600;
/** … and this long after the last request. ASVS 5.0 7.3.1. */
export const IDLE_TIMEOUT_S = 12 * 3600;
/** `last_seen_at` moves at most this often. */
const SEEN_EVERY_S = 60;

/** What next-auth's cookie carries, encrypted: nothing but the random id of a row. */
export const sessionCookieName = (): string => cookieName("lockstep-session");
export const sessionSecret = (): string => derivedKey("session-cookie").toString("hex");

/** Makes the row of a new session. @returns its id, 256 random bits, which only the cookie knows */
export async function openSession(
  executor: Executor,
  userId: string,
  request: Pick<RequestFacts, "ip" | "userAgent">,
): Promise<string> {
  const sessionId = randomBytes(32).toString("base64url");
  await executor.insert(sessions).values({
    idHash: hashOf(sessionId),
    userId,
    expiresAt: sql`now() + make_interval(secs => ${ABSOLUTE_TIMEOUT_S})`,
    ip: request.ip,
    userAgent: request.userAgent,
  });
  return sessionId;
}

/**
 * Who sends this request: the session's row is read each time, so that a revoked session or a disabled user is nobody at
 * once. Asked again in the same request it answers the same.
 */
export async function currentUser(): Promise<SignedInUser | null> {
  const token = await readCookie(sessionCookieName());
  if (!token) {
    return null;
  }
  const { memo } = await currentRequest();
  if (memo.session?.token !== token) {
    memo.session = { token, user: userOfToken(token) };
  }
  return memo.session.user;
}

async function userOfToken(token: string): Promise<SignedInUser | null> {
  const sessionHash = await sessionHashOf(token);
  return sessionHash ? userOfSession(sessionHash) : null;
}

/** Sessions whose cookie was opened already, by the cookie's hash: opening one takes longer than reading its row. */
const opened = new Map<string, string>();
const OPENED_AT_MOST = 2_000;

/** What the cookie says is always the same; whether its session still lives is asked of its row each time. */
async function sessionHashOf(token: string): Promise<string | null> {
  const cookie = hashOf(token);
  const found = opened.get(cookie) ?? (await decodedHash(token));
  if (found !== null) {
    opened.delete(cookie);
    opened.set(cookie, found);
  }
  for (const [oldest] of opened) {
    if (opened.size <= OPENED_AT_MOST) {
      break;
    }
    opened.delete(oldest);
  }
  return found;
}

async function decodedHash(token: string): Promise<string | null> {
  try {
    const claims = await decode({ token, secret: sessionSecret(), salt: sessionCookieName() });
    return typeof claims?.sid === "string" ? hashOf(claims.sid) : null;
  } catch {
    // Forged, expired, or made with another key: nobody.
    return null;
  }
}

/** The user of a live session, or null once it is revoked, too old, idle for too long, or its user is disabled. */
export async function userOfSession(sessionHash: string): Promise<SignedInUser | null> {
  const [row] = await database()
    .select({
      id: users.id,
      username: users.username,
      displayName: users.displayName,
      role: users.role,
      preferences: users.preferences,
      locale: users.locale,
      sessionHash: sessions.idHash,
      seenLongAgo: sql<boolean>`${sessions.lastSeenAt} < now() - make_interval(secs => ${SEEN_EVERY_S})`,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.idHash, sessionHash),
        isNull(users.disabledAt),
        gt(sessions.expiresAt, sql`now()`),
        gt(sessions.lastSeenAt, sql`now() - make_interval(secs => ${IDLE_TIMEOUT_S})`),
      ),
    );
  if (!row) {
    return null;
  }
  const { seenLongAgo, ...user } = row;
  if (seenLongAgo) {
    await noteSeen(sessionHash);
  }
  return user;
}

/** A database that only reads still shows pages. */
async function noteSeen(sessionHash: string): Promise<void> {
  try {
    await database().update(sessions).set({ lastSeenAt: sql`now()` }).where(eq(sessions.idHash, sessionHash));
  } catch (error) {
    if (databaseTrouble(error) === null) {
      throw error;
    }
    log.debug({ err: error }, "that a session is used could not be noted");
  }
}

/** Ends the session that this request came with, if any. */
export async function closeCurrentSession(): Promise<void> {
  const token = await readCookie(sessionCookieName());
  const sessionHash = token ? await sessionHashOf(token) : null;
  if (sessionHash) {
    await database().delete(sessions).where(eq(sessions.idHash, sessionHash));
  }
  await forgetCurrentUser();
}

/** The rest of this request reads the user's row anew, which it has changed. */
export async function forgetCurrentUser(): Promise<void> {
  delete (await currentRequest()).memo.session;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
