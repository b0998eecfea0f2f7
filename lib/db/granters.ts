import { and, eq, isNull } from "drizzle-orm";
import { database, type Executor } from "./client.ts";
import { users } from "./schema/people.ts";

export interface Granter {
  username: string;
  displayName: string;
}

/** A refusal names a few people to ask, not everybody. */
const NAMED = 3;

/** Who can help: grants are given by root alone. */
export async function listGranters(executor: Executor = database()): Promise<Granter[]> {
  return executor
    .select({ username: users.username, displayName: users.displayName })
    .from(users)
    .where(and(eq(users.role, "root"), isNull(users.disabledAt)))
    .orderBy(users.createdAt)
    .limit(NAMED);
}

/** For a sentence: 周敏(zhoumin), root. */
export async function namedGranters(executor: Executor = database()): Promise<string> {
  const people = await listGranters(executor);
  return people
    .map(({ username, displayName }) =>
      displayName && displayName !== username ? `${displayName}(${username})` : username,
    )
    .join(", ");
}
