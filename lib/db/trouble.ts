/**
 * Why the database cannot be used at this moment: it does not answer, it refuses every write (a standby, or somebody said so), or it
 * has no room for what is to be written. All three pass, and nothing has to be started again afterwards.
 */
export type DatabaseTrouble = "away" | "read-only" | "full";

/** SQLSTATEs: connection exceptions, out of resources, operator intervention, errors of the system. */
const AWAY = /^(?:08|53|57|58)/;
const READ_ONLY = "25006";
const FULL = "53100";
const AWAY_MESSAGE =
  /Connection terminated|connection error and is not queryable|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout/;

/**
 * What `error` says about the database as a whole; null when it says nothing, and then the statement was wrong.
 * Asked only of what is no fact about a registry: a registry may refuse a connection just as well.
 */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  const state = sqlState(error);
  if (state !== undefined) {
    return ofState(state, isFatal(error));
  }
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // Several addresses of one name that were all refused come together, without saying which call it was.
    const refused = cause instanceof AggregateError && code === "ECONNREFUSED";
    if (AWAY_MESSAGE.test(cause.message) || refused || (syscall !== undefined && code?.startsWith("E"))) {
      return "away";
    }
  }
  return null;
}

function ofState(state: string, fatal: boolean): DatabaseTrouble | null {
  if (state === READ_ONLY) {
    return "read-only";
  }
  if (state === FULL) {
    return "full";
  }
  return fatal || AWAY.test(state) ? "away" : null;
}

/** Postgres let us not in, or threw us out: whatever the reason, there is no database for us. */
function isFatal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("severity" in cause && (cause.severity === "FATAL" || cause.severity === "PANIC")) {
      return true;
    }
  }
  return false;
}

/** SQLSTATE of the Postgres error behind `error`; drizzle wraps it as the cause. */
export function sqlState(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // EPIPE would do as well, but is the system's.
    if (syscall === undefined && code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
      return code;
    }
  }
  return undefined;
}
