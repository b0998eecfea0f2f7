/** Refusals of our own: by auth, data and actions. */
export type AppErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "CONFLICT"
  | "INVALID"
  | "RATE_LIMITED"
  /** Not now: the database is away, read-only or full. */
  | "UNAVAILABLE";

/**
 * A refusal that a person reads. `reason` is a key of messages/<locale>/errors.json; `values` fill its placeholders;
 * `fields` names each refused field with a key of messages/<locale>/validation.json.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: AppErrorCode;
  readonly reason: string;
  readonly values: Record<string, string | number>;
  readonly fields: Record<string, string>;

  constructor(
    code: AppErrorCode,
    reason: string,
    detail: { values?: Record<string, string | number>; fields?: Record<string, string> } & ErrorOptions = {},
  ) {
    super(`${code}: ${reason}`, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.reason = reason;
    this.values = detail.values ?? {};
    this.fields = detail.fields ?? {};
  }
}
