import "server-only";
import { eq, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { instancePasswordPlace } from "../db/instance-connection.ts";
import { notifyLive } from "../db/notify.ts";
import { instances } from "../db/schema/instances.ts";
import { AppError } from "../errors.ts";
import { tellLimits } from "../queue/boss.ts";
import type { CreateInstanceInput, UpdateInstanceInput } from "../schemas/instance.ts";
import type { InstanceLimits } from "../schemas/limits.ts";
import { seal } from "../secrets.ts";
import { differences, recordAudit } from "./audit.ts";
import { violates } from "./conflict.ts";
import { checkCredentials, credentialSetAt, passwordAfter } from "./instance-credential.ts";
import {
  announceAndCheck,
  instanceChanged,
  lockInstance,
  type StoredInstance,
  UNCHECKED,
} from "./instance-row.ts";
import { once } from "./submissions.ts";

/** @throws {AppError} CONFLICT instance-name-taken; INVALID when user name and password do not come together */
export async function createInstance(
  actor: Actor<"instance:create">,
  input: CreateInstanceInput,
): Promise<{ instanceId: string }> {
  checkCredentials(input, null);
  const instanceId = uuidv7();
  return once(actor, async (tx) => {
    const fields = storedFields(input);
    await uniqueName(() =>
      tx.insert(instances).values({
        id: instanceId,
        ...fields,
        passwordSealed: input.password ? seal(input.password, instancePasswordPlace(instanceId)) : null,
        credentialSetAt: input.password ? sql`now()` : null,
      }),
    );
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: instanceId, name: input.name },
      changes: differences({}, { ...fields, password: input.password ? "set" : null }),
    });
    await announceAndCheck(tx, instanceId);
    return { instanceId };
  });
}

/**
 * Changes everything about an instance. Empty password: the stored one stays, unless an address moved to another origin.
 * @throws {AppError} CONFLICT instance-changed, instance-name-taken; INVALID password-needed-again
 */
export function updateInstance(
  actor: Actor<"instance:edit">,
  input: UpdateInstanceInput,
): Promise<{ instanceId: string }> {
  return database().transaction(async (tx) => {
    const stored = await lockInstance(tx, actor, input.instanceId);
    if (stored.version !== input.version) {
      throw await instanceChanged(tx, stored);
    }
    checkCredentials(input, stored);
    const fields = storedFields(input);
    const passwordSealed = passwordAfter(input, stored);
    await uniqueName(() =>
      tx
        .update(instances)
        .set({
          ...fields,
          passwordSealed,
          credentialSetAt: credentialSetAt(input, stored),
          ...(input.limits === undefined ? {} : { limits: input.limits }),
          version: stored.version + 1,
          updatedAt: sql`now()`,
          ...(reachesElsewhere(input, stored) ? UNCHECKED : {}),
        })
        .where(eq(instances.id, stored.id)),
    );
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: stored.id, name: input.name },
      changes: {
        ...differences(storedFields(stored), fields),
        ...(input.limits === undefined
          ? {}
          : differences(limitFields(stored.limits), limitFields(input.limits))),
        ...(passwordSealed === stored.passwordSealed ? {} : { password: { before: "set", after: "set" } }),
      },
    });
    if (input.limits !== undefined) {
      await tellLimits(tx);
    }
    await announceAndCheck(tx, stored.id);
    return { instanceId: stored.id };
  });
}

/**
 * @throws {AppError} INVALID confirm-name-differs; CONFLICT instance-in-use (`count` of the rules that name it)
 */
export function deleteInstance(
  actor: Actor<"instance:delete">,
  { instanceId, confirmName }: { instanceId: string; confirmName: string },
): Promise<void> {
  return database().transaction(async (tx) => {
    const stored = await lockInstance(tx, actor, instanceId);
    if (confirmName !== stored.name) {
      throw new AppError("INVALID", "invalid", { fields: { confirmName: "confirm-name-differs" } });
    }
    const { rows } = await tx.execute<{ count: number }>(sql`
      select count(*)::int as count from rules
       where source_instance_id = ${instanceId}
          or id in (select rule_id from rule_targets where instance_id = ${instanceId})`);
    const count = rows[0]?.count ?? 0;
    if (count > 0) {
      throw new AppError("CONFLICT", "instance-in-use", { values: { count } });
    }
    await tx.delete(instances).where(eq(instances.id, instanceId));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "instance", id: instanceId, name: stored.name },
      changes: differences(storedFields(stored), {}),
    });
    await notifyLive(tx, { kind: "instance", instanceId });
  });
}

type Fields = Pick<CreateInstanceInput, "name" | "region" | "address" | "vendor" | "plainHttp"> & {
  chartsAddress?: string | null | undefined;
  username?: string | null | undefined;
  caCertificate?: string | null | undefined;
};

function storedFields(fields: Fields) {
  const { name, region, address, chartsAddress, vendor, username, caCertificate, plainHttp } = fields;
  return {
    name,
    region,
    address,
    chartsAddress: chartsAddress || null,
    vendor,
    username: username || null,
    caCertificate: caCertificate || null,
    plainHttp,
  };
}

/** As the audit log tells them: a window a line. */
function limitFields(limits: InstanceLimits | null) {
  return {
    limitCopies: limits?.copies ?? null,
    limitRead: limits?.readBytesPerSecond ?? null,
    limitWrite: limits?.writeBytesPerSecond ?? null,
    limitWindows: limits?.windows.map(
      ({ days, from, to, readBytesPerSecond: read, writeBytesPerSecond: write }) =>
        `${days.join(",")} ${from}–${to} ${limits.timeZone}, read ${read ?? "∞"}, write ${write ?? "∞"}`,
    ),
  };
}

function reachesElsewhere(input: UpdateInstanceInput, stored: StoredInstance): boolean {
  return (
    input.address !== stored.address ||
    (input.username ?? null) !== stored.username ||
    Boolean(input.password) ||
    (input.caCertificate || null) !== stored.caCertificate
  );
}

async function uniqueName(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (violates(error, "instances_name_unique")) {
      throw new AppError("CONFLICT", "instance-name-taken", { fields: { name: "name-taken" }, cause: error });
    }
    throw error;
  }
}
