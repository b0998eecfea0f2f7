import type { AppErrorCode } from "../errors.ts";

/** What a server action answers: the state of `useActionState`. */
export type ActionState<Result> =
  | { status: "idle" }
  | { status: "ok"; result: Result; at: number }
  | ActionFailure;

export interface ActionFailure {
  status: "error";
  code: AppErrorCode | "UNKNOWN";
  /** A key of messages/<locale>/errors.json. */
  reason: string;
  values: Record<string, string | number>;
  /** Field path, dots between its parts, to a key of messages/<locale>/validation.json or a pattern error. */
  fields: Record<string, FieldError>;
  /** Shown with an unknown error, and found in the log. */
  requestId: string;
}

export interface FieldError {
  key: string;
  values?: Record<string, string | number>;
}

export const IDLE = { status: "idle" } as const;
