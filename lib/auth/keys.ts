import { createHmac } from "node:crypto";
import { config } from "../config.ts";

/**
 * A key of its own for each use, derived from the secret key: all processes that share that key agree,
 * and one use says nothing about another.
 */
export function derivedKey(purpose: "session-cookie" | "device-cookie" | "sign-in-attempts"): Buffer {
  return createHmac("sha256", config().secretKey).update(`lockstep ${purpose}`).digest();
}
