import { StartError } from "./data-folder.ts";

/**
 * Migrates, makes the queues ready, and sees to the first root: with ROOT_PASSWORD it is created, without it the token of
 * the one-time set-up link is returned. Null: there is a root.
 * @throws {StartError} when the database cannot be reached or ROOT_PASSWORD cannot be used
 */
export async function prepareDatabase(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  // The modules of lib read their settings from the environment of the process, once.
  for (const name of ["DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FILE", "LOCKSTEP_DATA"]) {
    if (env[name] === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = env[name];
    }
  }
  const { config } = await import("../../lib/config.ts");
  const { closeDatabase } = await import("../../lib/db/client.ts");
  const { migrateDatabase } = await import("../../lib/db/migrate.ts");
  const { prepareQueues } = await import("../../lib/queue/boss.ts");
  const { ensureSetupToken, setupNeeded } = await import("../../lib/auth/setup.ts");
  try {
    const url = usable(() => config().databaseUrl);
    usable(() => config().secretKey);
    try {
      await migrateDatabase(url, () => prepareQueues(url));
    } catch (cause) {
      throw new StartError(`The database at ${new URL(url).host} cannot be made ready: ${reason(cause)}`, {
        cause,
      });
    }
    await requireKey();
    if (env.ROOT_PASSWORD && (await setupNeeded())) {
      await createRootFrom(env);
    }
    return await ensureSetupToken();
  } finally {
    await closeDatabase();
  }
}

/** A second console with a key of its own could open nothing that the first has sealed. */
async function requireKey(): Promise<void> {
  const { config, ConfigError } = await import("../../lib/config.ts");
  const { database } = await import("../../lib/db/client.ts");
  const { requireInstallationKey } = await import("../../lib/db/key-fingerprint.ts");
  try {
    await requireInstallationKey(database(), config().secretKey);
  } catch (cause) {
    throw cause instanceof ConfigError ? new StartError(cause.message, { cause }) : cause;
  }
}

function usable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new StartError(reason(cause), { cause });
  }
}

function reason(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}

async function createRootFrom(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { NewPassword, UserName } = await import("../../lib/schemas/user.ts");
  const { createRoot } = await import("../../lib/auth/setup.ts");
  const username = UserName.safeParse(env.ROOT_USERNAME || "root");
  const password = NewPassword.safeParse(env.ROOT_PASSWORD);
  if (!username.success) {
    throw new StartError(`ROOT_USERNAME cannot be used: ${username.error.issues[0]?.message}`);
  }
  if (!password.success) {
    throw new StartError(`ROOT_PASSWORD cannot be used: ${password.error.issues[0]?.message}`);
  }
  await createRoot({ username: username.data, password: password.data }, { kind: "operator" });
}
