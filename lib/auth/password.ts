import { hash, verify } from "@node-rs/argon2";
import { AppError } from "../errors.ts";
import { holdsUserName } from "../schemas/password.ts";

/** argon2id, m = 19 MiB, t = 2, p = 1: OWASP Password Storage Cheat Sheet; ASVS 5.0 appendix C. */
const PARAMETERS = { algorithm: 2 /* Argon2id */, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A PHC string that carries its parameters and a random salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize("NFC"), PARAMETERS);
}

/** For a password whose user is known by the account alone. @throws {AppError} INVALID password-has-user-name */
export function refuseUserName(password: string, username: string): void {
  if (holdsUserName(password, username)) {
    throw new AppError("INVALID", "invalid", { fields: { password: "password-has-user-name" } });
  }
}

/**
 * Whether `password` is the one behind `passwordHash`. With null (an unknown user) it does the same work and answers
 * false, so that time tells nobody which users exist.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const fallback = await unknownUserHash();
  const matches = await verify(passwordHash ?? fallback, password.normalize("NFC"));
  return passwordHash !== null && matches;
}

let unknown: Promise<string> | undefined;
function unknownUserHash(): Promise<string> {
  unknown ??= hashPassword(crypto.randomUUID());
  return unknown;
}
