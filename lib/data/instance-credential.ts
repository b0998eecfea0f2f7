import "server-only";
import { eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instancePasswordPlace } from "../db/instance-connection.ts";
import { instances } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import type { CreateInstanceInput, RotateCredentialInput, UpdateInstanceInput } from "../schemas/instance.ts";
import { seal } from "../secrets.ts";
import { differences, recordAudit } from "./audit.ts";
import {
  announceAndCheck,
  instanceChanged,
  lockInstance,
  type StoredInstance,
  UNCHECKED,
} from "./instance-row.ts";

/**
 * Replaces user name and password, nothing else. Whoever calls has tested them against the address of this version.
 * @throws {AppError} CONFLICT instance-changed
 */
export function rotateCredential(actor: Actor<"instance:edit">, input: RotateCredentialInput): Promise<void> {
  return database().transaction(async (tx) => {
    const stored = await lockInstance(tx, actor, input.instanceId);
    if (stored.version !== input.version) {
      throw await instanceChanged(tx, stored);
    }
    const { username, password } = input;
    await tx
      .update(instances)
      .set({
        username,
        passwordSealed: seal(password, instancePasswordPlace(stored.id)),
        credentialSetAt: sql`now()`,
        version: stored.version + 1,
        updatedAt: sql`now()`,
        ...UNCHECKED,
      })
      .where(eq(instances.id, stored.id));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: stored.id, name: stored.name },
      changes: {
        ...differences({ username: stored.username }, { username }),
        password: { before: stored.passwordSealed === null ? null : "set", after: "set" },
      },
    });
    await announceAndCheck(tx, stored.id);
  });
}

type Addresses = Pick<CreateInstanceInput, "address"> & { chartsAddress?: string | null | undefined };

/** Whether a password that was given for some addresses may be shown at others: nowhere but at the origins that it was given for. */
export function staysAt(given: Addresses, now: Addresses): boolean {
  const origins = [given.address, given.chartsAddress].map(originOf);
  return (
    given.address === now.address && (!now.chartsAddress || origins.includes(originOf(now.chartsAddress)))
  );
}

function originOf(address: string | null | undefined): string | null {
  return address && URL.canParse(address) ? new URL(address).origin : null;
}

/** A stored password never follows an address to another origin: whoever moves it types it again. */
export function checkCredentials(input: CreateInstanceInput, stored: StoredInstance | null): void {
  const kept = stored?.passwordSealed != null && input.username !== undefined && !input.password;
  if (kept && !staysAt(stored, input)) {
    throw new AppError("INVALID", "invalid", { fields: { password: "password-needed-again" } });
  }
  if (input.username && !input.password && !kept) {
    throw new AppError("INVALID", "invalid", { fields: { password: "required" } });
  }
  if (input.password && !input.username) {
    throw new AppError("INVALID", "invalid", { fields: { username: "required" } });
  }
}

/** Without a user name there is no password. */
export function passwordAfter(input: UpdateInstanceInput, stored: StoredInstance): string | null {
  if (!input.username) {
    return null;
  }
  return input.password ? seal(input.password, instancePasswordPlace(stored.id)) : stored.passwordSealed;
}

/** The age of a credential counts from when it was typed in; null without one, or from before that was kept. */
export function credentialSetAt(input: UpdateInstanceInput, stored: StoredInstance) {
  if (!input.username) {
    return null;
  }
  const replaced = Boolean(input.password) || input.username !== stored.username;
  return replaced ? sql`now()` : stored.credentialSetAt;
}
