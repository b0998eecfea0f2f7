import "server-only";
import { eq, sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { users } from "../db/schema/people.ts";
import { AppError } from "../errors.ts";
import { accountKey, attemptKeys, deviceCookie, giveBackAttempt, takeAttempt } from "./attempts.ts";
import { rememberLocale } from "./locale.ts";
import { verifyPassword } from "./password.ts";
import { cookieName, cookieOptions, currentRequest, readCookie, writeCookie } from "./request.ts";
import { closeCurrentSession, openSession } from "./session.ts";

const DEVICE_MAX_AGE_S = 365 * 24 * 3600;

export interface Credentials {
  username: string;
  password: string;
}

export interface OpenedSession {
  userId: string;
  username: string;
  sessionId: string;
}

/**
 * Checks a user name and a password, and opens a session. Unknown, disabled and wrong are one answer, after one and the
 * same work.
 * @throws {AppError} RATE_LIMITED sign-in-limited; UNAUTHENTICATED sign-in-failed
 */
export async function openSessionWithPassword(credentials: Credentials): Promise<OpenedSession> {
  const username = credentials.username.trim();
  const request = await currentRequest();
  const keys = attemptKeys(username, request.ip, await readCookie(deviceCookieName()));
  if (!(await takeAttempt(keys))) {
    throw new AppError("RATE_LIMITED", "sign-in-limited", { values: { minutes: 15 } });
  }
  const [user] = await database().select().from(users).where(eq(users.username, username));
  const right = await verifyPassword(user?.passwordHash ?? null, credentials.password);
  if (!user || !right || user.disabledAt) {
    throw new AppError("UNAUTHENTICATED", "sign-in-failed");
  }
  await giveBackAttempt(keys);
  await closeCurrentSession();
  const sessionId = await database().transaction(async (tx) => {
    await tx.update(users).set({ lastSignInAt: sql`now()` }).where(eq(users.id, user.id));
    return openSession(tx, user.id, request);
  });
  await writeCookie(deviceCookieName(), deviceCookie(username), cookieOptions(DEVICE_MAX_AGE_S));
  if (user.locale) {
    await rememberLocale(user.locale);
  }
  return { userId: user.id, username, sessionId };
}

/** Whether this is the user's own password; for changing it. Guesses are limited like those of the sign-in. */
export async function verifyOwnPassword(username: string, password: string): Promise<boolean> {
  const request = await currentRequest();
  const keys = { ...attemptKeys(username, request.ip, null), account: accountKey("own", username) };
  if (!(await takeAttempt(keys))) {
    throw new AppError("RATE_LIMITED", "sign-in-limited", { values: { minutes: 15 } });
  }
  const [user] = await database()
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.username, username));
  const right = await verifyPassword(user?.passwordHash ?? null, password);
  if (right) {
    await giveBackAttempt(keys);
  }
  return right;
}

/** The name as stored when it is that of a user, else null. */
export async function knownUserName(typed: string): Promise<string | null> {
  const [user] = await database()
    .select({ username: users.username })
    .from(users)
    .where(eq(users.username, typed.trim()));
  return user?.username ?? null;
}

const deviceCookieName = (): string => cookieName("lockstep-device");
