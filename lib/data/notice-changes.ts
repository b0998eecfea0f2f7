import "server-only";
import { and, eq, inArray, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { noticeSecretPlace } from "../db/notice-receiver.ts";
import { announceNotices } from "../db/notify.ts";
import { instances } from "../db/schema/instances.ts";
import { noticeAddresses, noticeAddressInstances, noticeDeliveries } from "../db/schema/notices.ts";
import { AppError } from "../errors.ts";
import { makeSigningSecret } from "../notices/signature.ts";
import {
  type CreateNoticeInput,
  NOTICE_ADDRESS_LIMIT,
  type RotateNoticeSecretInput,
  type UpdateNoticeInput,
} from "../schemas/notice.ts";
import { seal } from "../secrets.ts";
import { differences, recordAudit } from "./audit.ts";
import { lastEditor } from "./last-editor.ts";
import { audited, lockAddress, named, opened, sealedSecret, sealedUrl } from "./notice-address.ts";
import { notFound } from "./visibility.ts";

/** The signing secret before signs beside the new one so long: time to enter the new one at the receiver. */
const OVERLAP_HOURS = 24;

/**
 * Adds an address. Not through `once`: what is answered is a secret.
 * @returns the signing secret of the generic form, this once
 * @throws {AppError} CONFLICT notice-name-taken, notice-too-many; NOT_FOUND for an instance that is gone
 */
export function createNoticeAddress(
  actor: Actor<"notice:create">,
  input: CreateNoticeInput,
): Promise<{ id: string; secret: string | null }> {
  return named(async (tx) => {
    const [{ count } = { count: 0 }] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(noticeAddresses);
    if (count >= NOTICE_ADDRESS_LIMIT) {
      throw new AppError("CONFLICT", "notice-too-many", { values: { limit: NOTICE_ADDRESS_LIMIT } });
    }
    const id = uuidv7();
    const made = input.kind === "generic" ? makeSigningSecret() : null;
    const row = {
      id,
      name: input.name,
      kind: input.kind,
      locale: input.locale,
      failuresOnly: input.failuresOnly,
      allInstances: input.allInstances,
      ...sealedUrl(id, input.url),
      ...sealedSecret(id, made ?? (input.secret || null)),
    };
    await tx.insert(noticeAddresses).values(row);
    await setInstances(tx, id, input);
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id, name: input.name },
      changes: differences({}, audited(row)),
    });
    return { id, secret: made };
  });
}

/** @throws {AppError} NOT_FOUND; CONFLICT notice-changed, notice-name-taken */
export function updateNoticeAddress(
  actor: Actor<"notice:edit">,
  input: UpdateNoticeInput,
): Promise<{ id: string }> {
  return named(async (tx) => {
    const before = await lockAddress(tx, actor, input.noticeId);
    if (before.version !== input.version) {
      const user = await lastEditor(tx, before.id, "notice:edit");
      throw new AppError("CONFLICT", "notice-changed", { values: { user } });
    }
    const { id } = before;
    const robot = before.kind !== "generic";
    const after = {
      name: input.name,
      locale: input.locale,
      failuresOnly: input.failuresOnly,
      allInstances: input.allInstances,
      ...(input.url === "" ? {} : sealedUrl(id, input.url)),
      ...(robot && input.withoutSecret ? sealedSecret(id, null) : {}),
      ...(robot && input.secret !== "" ? sealedSecret(id, input.secret) : {}),
    };
    await tx
      .update(noticeAddresses)
      .set({
        ...after,
        // Somewhere else nothing of what was is known.
        ...(input.url === "" ? {} : { failures: 0, heldUntil: null, heldReason: null }),
        version: before.version + 1,
        updatedAt: sql`now()`,
      })
      .where(eq(noticeAddresses.id, id));
    await setInstances(tx, id, input);
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id, name: input.name },
      changes: differences(audited(before), audited({ ...before, ...after })),
    });
    return { id };
  });
}

/** On or off; off drops what waits: nobody wants to hear of it when it is on again. */
export function setNoticeEnabled(
  actor: Actor<"notice:edit">,
  { noticeId, enabled }: { noticeId: string; enabled: boolean },
): Promise<void> {
  return database().transaction(async (tx) => {
    const before = await lockAddress(tx, actor, noticeId);
    await tx
      .update(noticeAddresses)
      .set({
        enabled,
        disabledReason: null,
        failures: 0,
        heldUntil: null,
        heldReason: null,
        updatedAt: sql`now()`,
      })
      .where(eq(noticeAddresses.id, before.id));
    if (!enabled) {
      await tx
        .update(noticeDeliveries)
        .set({ state: "dropped", endedAt: sql`now()` })
        .where(and(eq(noticeDeliveries.addressId, before.id), eq(noticeDeliveries.state, "waiting")));
    }
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id: before.id, name: before.name },
      changes: { enabled: { before: before.enabled, after: enabled } },
    });
  });
}

/** Goes with what it was told. */
export function deleteNoticeAddress(actor: Actor<"notice:delete">, noticeId: string): Promise<void> {
  return database().transaction(async (tx) => {
    const before = await lockAddress(tx, actor, noticeId);
    await tx.delete(noticeAddresses).where(eq(noticeAddresses.id, before.id));
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id: before.id, name: before.name },
      changes: differences(audited(before), {}),
    });
  });
}

/**
 * A new signing secret of the generic form; the one before signs beside it for a day, unless it is to end.
 * @returns the secret, this once
 * @throws {AppError} NOT_FOUND; INVALID for a robot, whose secret its vendor makes
 */
export function rotateNoticeSecret(
  actor: Actor<"notice:rotate">,
  { noticeId, endPrevious }: RotateNoticeSecretInput,
): Promise<{ secret: string }> {
  return database().transaction(async (tx) => {
    const before = await lockAddress(tx, actor, noticeId);
    if (before.kind !== "generic" || before.secretSealed === null) {
      throw new AppError("INVALID", "invalid");
    }
    const [old] = opened(before).secrets;
    const secret = makeSigningSecret();
    const keeps = !endPrevious && old !== undefined;
    await tx
      .update(noticeAddresses)
      .set({
        ...sealedSecret(before.id, secret),
        previousSecretSealed: keeps ? seal(old, noticeSecretPlace(before.id, "previous-secret")) : null,
        previousSecretUntil: keeps ? sql`now() + make_interval(hours => ${OVERLAP_HOURS})` : null,
        updatedAt: sql`now()`,
      })
      .where(eq(noticeAddresses.id, before.id));
    await announceNotices(tx);
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "notice", id: before.id, name: before.name },
      changes: {
        secret: { before: "set", after: "set" },
        previousEnds: { after: keeps ? `${OVERLAP_HOURS} h` : "at once" },
      },
    });
    return { secret };
  });
}

async function setInstances(
  tx: Tx,
  addressId: string,
  { allInstances, instanceIds }: { allInstances: boolean; instanceIds: readonly string[] },
): Promise<void> {
  await tx.delete(noticeAddressInstances).where(eq(noticeAddressInstances.addressId, addressId));
  const ids = allInstances ? [] : [...new Set(instanceIds)];
  if (ids.length === 0) {
    return;
  }
  const known = await tx.select({ id: instances.id }).from(instances).where(inArray(instances.id, ids));
  if (known.length < ids.length) {
    throw notFound();
  }
  await tx.insert(noticeAddressInstances).values(ids.map((instanceId) => ({ addressId, instanceId })));
}
