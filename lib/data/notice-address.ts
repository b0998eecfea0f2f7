import "server-only";
import { and, eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database, type Tx } from "../db/client.ts";
import { noticeSecretPlace, openReceiver } from "../db/notice-receiver.ts";
import { noticeAddresses } from "../db/schema/notices.ts";
import { AppError } from "../errors.ts";
import type { Locale, NoticeKind } from "../schemas/words.ts";
import { SecretError, seal } from "../secrets.ts";
import { violates } from "./conflict.ts";
import { notFound, requireId } from "./visibility.ts";

const HINT_CHARS = 4;

type StoredAddress = typeof noticeAddresses.$inferSelect;

/** The address, locked. @throws {AppError} NOT_FOUND, for anybody but root too */
export async function lockAddress(tx: Tx, actor: Actor, noticeId: string): Promise<StoredAddress> {
  const [row] = await tx
    .select()
    .from(noticeAddresses)
    .where(and(eq(noticeAddresses.id, requireId(noticeId)), actor.holds === "all" ? undefined : sql`false`))
    .for("no key update");
  if (!row) {
    throw notFound();
  }
  return row;
}

/** The columns of an address; its host and its last characters stay readable. */
export function sealedUrl(id: string, text: string) {
  const url = new URL(text);
  return {
    urlSealed: seal(url.href, noticeSecretPlace(id, "url")),
    urlHost: url.host,
    urlHint: url.href.slice(-HINT_CHARS),
  };
}

/** The columns of a secret; the one before ends. */
export function sealedSecret(id: string, secret: string | null) {
  return {
    secretSealed: secret === null ? null : seal(secret, noticeSecretPlace(id, "secret")),
    secretHint: secret?.slice(-HINT_CHARS) ?? null,
    secretSetAt: secret === null ? null : new Date(),
    previousSecretSealed: null,
    previousSecretUntil: null,
  };
}

/** Its secrets in the clear. @throws {AppError} CONFLICT notice-secret-unreadable */
export function opened(address: StoredAddress, now = new Date()): ReturnType<typeof openReceiver> {
  try {
    return openReceiver(address, now);
  } catch (cause) {
    if (cause instanceof SecretError) {
      throw new AppError("CONFLICT", "notice-secret-unreadable", { cause });
    }
    throw cause;
  }
}

/** What an audit row tells of an address: its host and its last characters, which people know it by. */
export function audited(row: {
  kind: NoticeKind;
  urlHost: string;
  urlHint: string;
  secretHint: string | null;
  locale: Locale;
  failuresOnly: boolean;
  allInstances: boolean;
  name: string;
}) {
  return {
    name: row.name,
    vendor: row.kind,
    address: `${row.urlHost} …${row.urlHint}`,
    secret: row.secretHint,
    locale: row.locale,
    failuresOnly: row.failuresOnly,
    allInstances: row.allInstances,
  };
}

/** @throws {AppError} CONFLICT notice-name-taken */
export async function named<T>(write: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await database().transaction(write);
  } catch (error) {
    if (violates(error, "notice_addresses_name_unique")) {
      throw new AppError("CONFLICT", "notice-name-taken", { fields: { name: "name-taken" }, cause: error });
    }
    throw error;
  }
}
