import "server-only";
import { noteFull } from "../db/full-disk.ts";
import { databaseTrouble } from "../db/trouble.ts";
import { AppError } from "../errors.ts";

/**
 * The refusal that a person reads when the database is away, read-only or full: reason `database-…`. Null when `error` is anything else.
 * Connections to registries have their own errors and do not come here.
 */
export function asUnavailable(error: unknown): AppError | null {
  if (error instanceof AppError) {
    return null;
  }
  const trouble = databaseTrouble(error);
  if (trouble === "full") {
    noteFull();
  }
  return trouble === null ? null : new AppError("UNAVAILABLE", `database-${trouble}`, { cause: error });
}
