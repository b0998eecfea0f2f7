import "server-only";
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { sql } from "drizzle-orm";
import { database } from "../db/client.ts";
import { signInFailures } from "../db/schema/people.ts";
import { clientKey } from "./client-address.ts";
import { derivedKey } from "./keys.ts";

/** ASVS 5.0 6.3.1: guesses at one account, and from one client, within the window. */
const WINDOW_S = 15 * 60;
const ACCOUNT_LIMIT = 10;
const CLIENT_LIMIT = 100;

/** What guesses are counted by. */
export interface AttemptKeys {
  /** The account, or, from a device it was signed in on before, that device: others cannot lock it out. */
  account: string;
  client: string;
}

export function attemptKeys(username: string, ip: string | null, deviceCookie: string | null): AttemptKeys {
  const device = knownDevice(deviceCookie, username);
  return {
    account: device ? `device:${device}` : accountKey("account", username),
    client: `client:${clientKey(ip)}`,
  };
}

/** Names are counted by their keyed hash: what was typed may be a password in the wrong field. */
export function accountKey(kind: "account" | "own", username: string): string {
  const hash = createHmac("sha256", derivedKey("sign-in-attempts")).update(username).digest("base64url");
  return `${kind}:${hash}`;
}

/**
 * Takes one of the guesses that are left. It is taken before the password is looked at, under a lock, so guesses sent at
 * once do not slip through together; `giveBackAttempt` returns it after the right password.
 * @returns false when none is left
 */
export function takeAttempt(keys: AttemptKeys): Promise<boolean> {
  return database().transaction(async (tx) => {
    await tx.execute(
      sql`delete from ${signInFailures} where ${signInFailures.at} < now() - make_interval(secs => ${WINDOW_S})`,
    );
    for (const key of [keys.account, keys.client].sort()) {
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`sign-in ${key}`}, 0))`);
    }
    const { rows } = await tx.execute<{ account: number; client: number }>(sql`
      select count(*) filter (where ${signInFailures.key} = ${keys.account})::int as account,
             count(*) filter (where ${signInFailures.key} = ${keys.client})::int as client
        from ${signInFailures} where ${signInFailures.key} in (${keys.account}, ${keys.client})`);
    const [counted = { account: 0, client: 0 }] = rows;
    if (counted.account >= ACCOUNT_LIMIT || counted.client >= CLIENT_LIMIT) {
      return false;
    }
    await tx.insert(signInFailures).values([{ key: keys.account }, { key: keys.client }]);
    return true;
  });
}

/** The guess was right: it counts as none. Earlier wrong ones keep counting. */
export async function giveBackAttempt(keys: AttemptKeys): Promise<void> {
  for (const key of [keys.account, keys.client]) {
    await database().execute(sql`
      delete from ${signInFailures} where ctid = (
        select ctid from ${signInFailures} where ${signInFailures.key} = ${key}
         order by ${signInFailures.at} desc limit 1 for update skip locked)`);
  }
}

/** What a browser keeps after the right password: it proves nothing but that this user signed in on it before. */
export function deviceCookie(username: string): string {
  const device = randomUUID();
  return `${device}.${deviceSignature(device, username)}`;
}

function knownDevice(cookie: string | null, username: string): string | null {
  const [device = "", signature = ""] = (cookie ?? "").split(".");
  const expected = deviceSignature(device, username);
  const same =
    signature.length === expected.length && timingSafeEqual(Buffer.from(signature), Buffer.from(expected));
  return same ? device : null;
}

function deviceSignature(device: string, username: string): string {
  return createHmac("sha256", derivedKey("device-cookie"))
    .update(`${device} ${username}`)
    .digest("base64url");
}
