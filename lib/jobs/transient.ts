import { databaseTrouble, sqlState } from "../db/trouble.ts";

/** The transaction came in the way of another one. */
const ROLLED_BACK = /^40/;

/**
 * Whether `error` says that Postgres could not be used: the job has not failed, and comes back without counting.
 * Asked only of what is no fact about a registry (failure.ts): a registry may refuse a connection just as well.
 */
export function isDatabaseAway(error: unknown): boolean {
  return databaseTrouble(error) !== null || ROLLED_BACK.test(sqlState(error) ?? "");
}
