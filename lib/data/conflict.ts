import "server-only";

/** Whether Postgres refused a statement because of this constraint; drizzle wraps the driver's error. */
export function violates(error: unknown, constraint: string): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("constraint" in cause && cause.constraint === constraint) {
      return true;
    }
  }
  return false;
}
