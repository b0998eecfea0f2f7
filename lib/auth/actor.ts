import type { Permission } from "./permissions.ts";

/** Instance ids a permission holds for; root holds all of them. */
export type Held = "all" | readonly string[];

declare const made: unique symbol;

/**
 * Proof that somebody may do `permission`, and where. Only lib/auth/authorize.ts makes one.
 * Every function of lib/data takes it first, and every statement filters by the ids it carries.
 */
export interface Actor<P extends Permission = Permission> {
  readonly [made]: true;
  readonly permission: P;
  readonly user: { id: string | null; username: string; role: "root" | "sub-account" | "system" };
  /** Where the permission's own grant holds. */
  readonly holds: Held;
  /** Where the user holds view, operate, manage and receive: rows tell what the viewer may do with them. */
  readonly view: Held;
  readonly operate: Held;
  readonly manage: Held;
  readonly receive: Held;
  /** Key of the form that was submitted; the same key again is the same submission (lib/data/submissions.ts). */
  readonly submission: string | null;
  /** For the audit row. */
  readonly request: { id: string; ip: string | null };
}
