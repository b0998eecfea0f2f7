import "server-only";
import NextAuth, { CredentialsSignin } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import { cookieName, cookieOptions } from "./request.ts";
import { ABSOLUTE_TIMEOUT_S, closeCurrentSession, sessionCookieName, sessionSecret } from "./session.ts";
import { openSessionWithPassword, type Credentials as SignInCredentials } from "./sign-in.ts";

const CALLBACK_MAX_AGE_S = 60;

/** Carries our refusal through next-auth, which knows errors of its own kind only. */
class RefusedSignIn extends CredentialsSignin {
  readonly refusal: AppError;
  constructor(refusal: AppError) {
    super(refusal.reason, { cause: refusal });
    this.refusal = refusal;
  }
}

/**
 * next-auth keeps the signed-in cookie: an encrypted JWT that holds the id of a row of `sessions` and nothing else. The row
 * is checked at every request (session.ts). There is no route below /api/auth: signing in is an action.
 */
const nextAuth = NextAuth(() => ({
  secret: sessionSecret(),
  trustHost: true,
  session: { strategy: "jwt", maxAge: ABSOLUTE_TIMEOUT_S },
  cookies: {
    sessionToken: { name: sessionCookieName(), options: cookieOptions(ABSOLUTE_TIMEOUT_S) },
    // Nobody reads it, but next-auth sets it, and would decide by a header of the request whether it is Secure.
    callbackUrl: { name: cookieName("lockstep-callback"), options: cookieOptions(CALLBACK_MAX_AGE_S) },
  },
  pages: { signIn: "/login" },
  logger: {
    error(error) {
      if (!(error instanceof CredentialsSignin)) {
        log.error({ err: error }, "sign-in failed");
      }
    },
    warn() {},
    debug() {},
  },
  providers: [
    Credentials({
      credentials: { username: {}, password: {} },
      async authorize({ username, password }) {
        try {
          const opened = await openSessionWithPassword({
            username: String(username),
            password: String(password),
          });
          return { id: opened.userId, sessionId: opened.sessionId };
        } catch (error) {
          throw error instanceof AppError ? new RefusedSignIn(error) : error;
        }
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => {
      const sessionId = user && "sessionId" in user ? user.sessionId : token.sid;
      return { sid: sessionId };
    },
  },
}));

/** Signs in and sets the cookie. @throws {AppError} as openSessionWithPassword does */
export async function signInWithPassword(credentials: SignInCredentials): Promise<void> {
  try {
    await nextAuth.signIn("credentials", { ...credentials, redirect: false, redirectTo: "/" });
  } catch (error) {
    throw error instanceof RefusedSignIn ? error.refusal : error;
  }
}

/** Ends the session's row, then drops the cookie. */
export async function signOutOfSession(): Promise<void> {
  await closeCurrentSession();
  await nextAuth.signOut({ redirect: false });
}
