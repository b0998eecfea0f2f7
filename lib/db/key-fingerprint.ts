import { createHmac } from "node:crypto";
import { isNotNull } from "drizzle-orm";
import { ConfigError } from "../config.ts";
import { sealedBox } from "../secrets.ts";
import type { Executor } from "./client.ts";
import { installation } from "./schema/installation.ts";
import { instances } from "./schema/instances.ts";

/** Of the fingerprint, as people compare it. */
const SHOWN_DIGITS = 16;

/** Tells keys apart and says nothing about them: HMAC-SHA-256 of a constant, 64 hexadecimal digits. */
export function keyFingerprint(secretKey: Buffer): string {
  return createHmac("sha256", secretKey).update("lockstep key fingerprint").digest("hex");
}

/** `3f2a 91bc 07de 5512` */
export function shownFingerprint(fingerprint: string): string {
  return (fingerprint.slice(0, SHOWN_DIGITS).match(/.{4}/g) ?? []).join(" ");
}

/**
 * Makes sure that this is the key of the installation: the first process to ask with it decides, unless credentials are
 * sealed with another one already.
 * @throws {ConfigError} with what to do, for whoever starts the process
 */
export async function requireInstallationKey(db: Executor, secretKey: Buffer): Promise<void> {
  const mine = keyFingerprint(secretKey);
  const [known] = await db.select().from(installation);
  if (known?.keyFingerprint === mine) {
    return;
  }
  if (known) {
    throw foreignKey(`the key of this installation is ${shownFingerprint(known.keyFingerprint)}`, mine);
  }
  const [sealed] = await db
    .select({ text: instances.passwordSealed })
    .from(instances)
    .where(isNotNull(instances.passwordSealed))
    .limit(1);
  if (sealed?.text && !sealed.text.startsWith(`v1.${sealedBox(secretKey).keyId}.`)) {
    throw foreignKey("the credentials in this database were sealed with another key", mine);
  }
  await db.insert(installation).values({ keyFingerprint: mine }).onConflictDoNothing();
  const [first] = await db.select().from(installation);
  if (first && first.keyFingerprint !== mine) {
    throw foreignKey(`the key of this installation is ${shownFingerprint(first.keyFingerprint)}`, mine);
  }
}

function foreignKey(what: string, mine: string): ConfigError {
  return new ConfigError(
    `Wrong secret key: ${what}, this process was started with ${shownFingerprint(mine)}. ` +
      "Start it with the SECRET_KEY (or SECRET_KEY_FILE) of the console; a console without one keeps it in secret.key in its data folder.",
  );
}
