import { createHash, randomBytes } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { database, type Executor } from "../db/client.ts";
import { setupTokens, users } from "../db/schema/people.ts";
import { AppError } from "../errors.ts";
import { hashPassword } from "./password.ts";

// No Next and no server-only here: the start script and the demo run this in plain Node.

/** Whether nobody is root yet: the console then serves /setup only. */
export async function setupNeeded(): Promise<boolean> {
  return !(await hasRoot(database()));
}

/**
 * Makes the one-time token of the set-up link. Only its hash is stored, so a start before the set-up is done makes a fresh
 * one, and the link printed before stops working.
 * @returns the token, or null when set-up is done
 */
export function ensureSetupToken(): Promise<string | null> {
  return database().transaction(async (tx) => {
    await lockSetup(tx);
    if (await hasRoot(tx)) {
      return null;
    }
    const token = randomBytes(24).toString("base64url");
    await tx.delete(setupTokens).where(isNull(setupTokens.usedAt));
    await tx.insert(setupTokens).values({ tokenHash: hashOf(token) });
    return token;
  });
}

/** Whether this is the token of the link that was printed last, still unused. */
export async function setupTokenValid(token: string): Promise<boolean> {
  const [row] = await database()
    .select({ usedAt: setupTokens.usedAt })
    .from(setupTokens)
    .where(and(eq(setupTokens.tokenHash, hashOf(token)), isNull(setupTokens.usedAt)));
  return row !== undefined && (await setupNeeded());
}

export interface NewRoot {
  username: string;
  displayName?: string;
  password: string;
}

/**
 * Makes the first root: with the token of the link, or, when the operator started the process with ROOT_PASSWORD, without.
 * Token, root and the end of set-up are one transaction; of two at once one wins.
 * @throws {AppError} CONFLICT setup-done; INVALID setup-token-invalid
 */
export async function createRoot(
  root: NewRoot,
  proof: { kind: "token"; token: string } | { kind: "operator" },
): Promise<{ userId: string }> {
  const passwordHash = await hashPassword(root.password);
  return database().transaction(async (tx) => {
    await lockSetup(tx);
    if (await hasRoot(tx)) {
      throw new AppError("CONFLICT", "setup-done");
    }
    if (proof.kind === "token") {
      await spendToken(tx, proof.token);
    }
    const userId = uuidv7();
    await tx.insert(users).values({
      id: userId,
      username: root.username,
      displayName: root.displayName ?? "",
      role: "root",
      passwordHash,
    });
    return { userId };
  });
}

async function spendToken(executor: Executor, token: string): Promise<void> {
  const used = await executor
    .update(setupTokens)
    .set({ usedAt: sql`now()` })
    .where(and(eq(setupTokens.tokenHash, hashOf(token)), isNull(setupTokens.usedAt)))
    .returning({ tokenHash: setupTokens.tokenHash });
  if (used.length === 0) {
    throw new AppError("INVALID", "setup-token-invalid");
  }
}

async function hasRoot(executor: Executor): Promise<boolean> {
  const [row] = await executor.select({ id: users.id }).from(users).where(eq(users.role, "root")).limit(1);
  return row !== undefined;
}

async function lockSetup(executor: Executor): Promise<void> {
  await executor.execute(sql`select pg_advisory_xact_lock(hashtextextended('lockstep set-up', 0))`);
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
