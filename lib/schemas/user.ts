import { z } from "zod";
import { isCommonPassword } from "./common-passwords.ts";
import { GRANT_LEVELS, hasNoControl, type InstanceGrants } from "./instance.ts";
import { holdsUserName, PASSWORD_MIN_CHARS } from "./password.ts";
import type { Instant } from "./task.ts";
import { AUDIT_OUTCOMES, type AuditOutcome, type UserRole } from "./words.ts";

export type { AuditOutcome, UserRole } from "./words.ts";

/** What a user signs in with. */
export const UserName = z
  .string({ error: "required" })
  .trim()
  .min(1, "required")
  .max(64, "too-long-64")
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "user-name-invalid");

export const DisplayName = z
  .string()
  .trim()
  .max(64, "too-long-64")
  .refine(hasNoControl, "control-characters")
  .default("");

/** What a user set for themselves, kept on the account so that it follows them to another browser. */
export const UserPreferences = z.object({
  /** Single-letter shortcuts; off for who dictates or types with a switch (WCAG 2.1.4). Default: on. */
  shortcuts: z.boolean().optional(),
});
export type UserPreferences = z.infer<typeof UserPreferences>;

/** 8 to 256 characters and none of the most common, as ASVS 5.0 6.2 asks; no composition rules, paste is welcome. */
export const NewPassword = z
  .string({ error: "required" })
  .min(PASSWORD_MIN_CHARS, "password-short")
  .max(256, "too-long-256")
  .refine((password) => !isCommonPassword(password), "password-common");

function checkUserName(
  { username, password }: { username: string; password: string },
  context: z.RefinementCtx,
): void {
  if (holdsUserName(password, username)) {
    context.addIssue({ code: "custom", path: ["password"], message: "password-has-user-name" });
  }
}

export const SignInInput = z.object({
  username: z.string().max(64, "too-long-64"),
  password: z.string().max(256, "too-long-256"),
});
export const SetupInput = z
  .object({
    token: z.string().max(256, "setup-token-invalid"),
    username: UserName,
    displayName: DisplayName,
    password: NewPassword,
    passwordAgain: z.string(),
  })
  .refine((value) => value.password === value.passwordAgain, {
    path: ["passwordAgain"],
    message: "password-differs",
  })
  .superRefine(checkUserName);

export const CreateUserInput = z
  .object({ username: UserName, displayName: DisplayName, password: NewPassword })
  .superRefine(checkUserName);
export const SetUserDisabledInput = z.object({ userId: z.uuid(), disabled: z.boolean() });
export const ResetPasswordInput = z.object({ userId: z.uuid(), password: NewPassword });
export const DeleteUserInput = z.object({ userId: z.uuid(), confirmName: z.string() });
export const ChangeOwnPasswordInput = z.object({
  current: z.string().max(256, "too-long-256"),
  password: NewPassword,
});

/** The whole matrix that was edited, one entry for each changed cell. */
export const SaveGrantsInput = z.object({
  changes: z
    .array(
      z.object({
        userId: z.uuid(),
        instanceId: z.uuid(),
        level: z.enum(GRANT_LEVELS).nullable(),
        receive: z.boolean(),
        /** What the cell held when it was edited; a cell that holds something else by now is not overwritten. */
        was: z.object({ level: z.enum(GRANT_LEVELS).nullable(), receive: z.boolean() }).optional(),
      }),
    )
    .min(1)
    .max(5000),
});
export type SaveGrantsInput = z.infer<typeof SaveGrantsInput>;

/** URL state of /users. */
export const UserListQuery = z.object({
  view: z.enum(["members", "grants"]).catch("members"),
  q: z.string().trim().max(128).optional().catch(undefined),
  /** Of the matrix: the one instance that is shown. */
  instance: z.uuid().optional().catch(undefined),
  /** Of the matrix: which part of the instances is shown, from 1. */
  columns: z.coerce.number().int().min(1).max(1_000).catch(1),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    .catch(20),
});
export type UserListQuery = z.infer<typeof UserListQuery>;

export interface UserRow {
  id: string;
  username: string;
  displayName: string;
  role: UserRole;
  disabledAt: Instant | null;
  createdAt: Instant;
  lastSignInAt: Instant | null;
  /** By instance id. */
  grants: Record<string, InstanceGrants>;
}

export interface GrantChange extends InstanceGrants {
  userId: string;
  instanceId: string;
  was?: InstanceGrants | undefined;
}

/** How far back the audit is read, in hours. */
export const AUDIT_SINCE = { hour: 1, day: 24, week: 7 * 24, month: 30 * 24 } as const;

export const AuditListQuery = z.object({
  q: z.string().trim().max(128).optional().catch(undefined),
  /** A user name. */
  actor: z.string().trim().min(1).max(64).optional().catch(undefined),
  /** A permission, e.g. `rule:delete`. */
  action: z
    .string()
    .regex(/^[a-z-]+:[a-z-]+$/)
    .max(64)
    .optional()
    .catch(undefined),
  since: z
    .enum(Object.keys(AUDIT_SINCE) as (keyof typeof AUDIT_SINCE)[])
    .optional()
    .catch(undefined),
  outcome: z.enum(AUDIT_OUTCOMES).optional().catch(undefined),
  after: z.string().max(512).optional().catch(undefined),
  before: z.string().max(512).optional().catch(undefined),
  size: z.coerce
    .number()
    .pipe(z.union([z.literal(20), z.literal(50), z.literal(100)]))
    .catch(50),
});
export type AuditListQuery = z.infer<typeof AuditListQuery>;

export interface AuditRow {
  id: string;
  at: Instant;
  /** User name, or `system`. */
  actor: string;
  /** A permission of lib/auth/permissions, e.g. `rule:delete`. */
  action: string;
  outcome: AuditOutcome;
  subject: { kind: string; id: string | null; name: string | null };
  /** Before and after of each changed field, secrets redacted; at most 8 KiB. */
  changes: Record<string, { before?: unknown; after?: unknown }> | null;
  ip: string | null;
  requestId: string | null;
}
