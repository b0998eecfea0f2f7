import "server-only";
import { revalidatePath } from "next/cache";
import type { z } from "zod";
import type { Actor } from "../auth/actor.ts";
import { authorize, refusedActor } from "../auth/authorize.ts";
import type { Permission } from "../auth/permissions.ts";
import { currentRequest } from "../auth/request.ts";
import { currentUser } from "../auth/session.ts";
import { knownUserName } from "../auth/sign-in.ts";
import type { Subject } from "../auth/subject.ts";
import { recordEvent } from "../data/audit.ts";
import { refusedSubject } from "../data/audit-subject.ts";
import { asUnavailable } from "../data/unavailable.ts";
import { AppError } from "../errors.ts";
import { log } from "../log.ts";
import type { ActionFailure, ActionState, FieldError } from "../schemas/action-state.ts";
import { type Parsed, parseForm, rawInput, submissionKey } from "./form-input.ts";
import { fromOwnPage } from "./origin.ts";

export interface ActionDefinition<P extends Permission, Schema extends z.ZodType, Result> {
  input: Schema;
  /** What the permission is asked for, from the validated input. */
  subject(input: z.output<Schema>): Subject;
  /**
   * Changes and writes the audit row of the success, in one transaction where there is one (lib/data does);
   * refusals are audited by the wrapper.
   */
  run(actor: Actor<P>, input: z.output<Schema>): Promise<Result>;
}

type Action<Result> = (previous: ActionState<Result>, form: FormData) => Promise<ActionState<Result>>;

/**
 * A server action: the request comes from our own page, its sender is signed in, the input is valid, the permission holds
 * for what the input names, and whatever happens leaves exactly one audit row and an answer without a stack trace.
 */
export function action<P extends Permission, Schema extends z.ZodType, Result>(
  permission: P,
  definition: ActionDefinition<P, Schema, Result>,
): Action<Result> {
  return (_previous, form) =>
    report(permission, definition.input, form, async (input) => {
      const actor = await authorize(permission, definition.subject(input));
      return definition.run({ ...actor, submission: submissionKey(form) }, input);
    });
}

/** An action before anybody is signed in: it acts as the system principal that `makeActor` makes. */
export function openAction<P extends Permission, Schema extends z.ZodType, Result>(
  permission: P,
  definition: { input: Schema; run(input: z.output<Schema>): Promise<Result> },
): Action<Result> {
  return (_previous, form) => report(permission, definition.input, form, definition.run, { open: true });
}

async function report<Schema extends z.ZodType, Result>(
  permission: Permission,
  schema: Schema,
  form: unknown,
  run: (input: z.output<Schema>) => Promise<Result>,
  { open = false } = {},
): Promise<ActionState<Result>> {
  let parsed: Parsed<z.output<Schema>> | undefined;
  try {
    const { headers } = await currentRequest();
    if (!fromOwnPage(headers)) {
      throw new AppError("FORBIDDEN", "foreign-origin");
    }
    if (!open && !(await currentUser())) {
      throw new AppError("UNAUTHENTICATED", "unauthenticated");
    }
    parsed = parseForm(schema, form);
    if (!parsed.ok) {
      throw new AppError("INVALID", "invalid");
    }
    const result = await run(parsed.input);
    revalidatePath("/", "layout");
    return { status: "ok", result, at: Date.now() };
  } catch (error) {
    return await refuse(permission, error, { form, parsed });
  }
}

interface Sent {
  form: unknown;
  /** Undefined: refused before the form was looked at. */
  parsed: Parsed<unknown> | undefined;
}

/** Audits what was refused, and turns it into words' keys. Anything but our own refusals is logged here, once. */
async function refuse(permission: Permission, error: unknown, sent: Sent): Promise<ActionFailure> {
  const { parsed } = sent;
  const request = await currentRequest();
  const unavailable = asUnavailable(error);
  const refusal = error instanceof AppError ? error : unavailable;
  if (!refusal) {
    if (isControlFlow(error)) {
      throw error;
    }
    log.error({ err: error, requestId: request.id, action: permission }, "an action failed");
  }
  if (!unavailable) {
    // Without a database that takes it there is nowhere to write it, and nothing was done.
    await audit(permission, refusal, sent).catch((cause: unknown) => {
      log.error({ err: cause, requestId: request.id, action: permission }, "a refusal could not be audited");
    });
  }
  return {
    status: "error",
    code: refusal?.code ?? "UNKNOWN",
    reason: refusal?.reason ?? "unknown",
    values: refusal?.values ?? {},
    fields: parsed && !parsed.ok ? parsed.fields : fieldsOf(refusal),
    requestId: request.id,
  };
}

const DENIED = new Set(["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "RATE_LIMITED"]);

async function audit(
  permission: Permission,
  refusal: AppError | null,
  { form, parsed }: Sent,
): Promise<void> {
  const input = parsed?.ok ? (parsed.input as Record<string, unknown>) : {};
  const actor = await refusedActor(permission, await claimedName(permission, input));
  // A form with a wrong field names its subject all the same. Of whoever is not signed in no word is kept.
  const named = parsed && !parsed.ok ? (rawInput(form) ?? {}) : input;
  await recordEvent(actor, {
    outcome: refusal && DENIED.has(refusal.code) ? "denied" : "invalid",
    subject: await refusedSubject(actor, named),
    changes: { reason: { after: refusal?.reason ?? "unknown" } },
  });
}

/**
 * Whose account somebody tried to sign in to is worth knowing. What is no user's name is not kept: now and then it is a
 * password that was typed into the wrong field.
 */
async function claimedName(permission: Permission, input: Record<string, unknown>): Promise<string | null> {
  return permission === "session:sign-in" && typeof input.username === "string"
    ? knownUserName(input.username)
    : null;
}

function fieldsOf(refusal: AppError | null): Record<string, FieldError> {
  return Object.fromEntries(Object.entries(refusal?.fields ?? {}).map(([path, key]) => [path, { key }]));
}

/** Next's redirect and notFound travel as errors that carry a digest; they are not ours to catch. */
function isControlFlow(error: unknown): boolean {
  return (
    error instanceof Error &&
    "digest" in error &&
    typeof error.digest === "string" &&
    error.digest.startsWith("NEXT_")
  );
}
