import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import { isRetryable as mayPass } from "../registry/retry.ts";
import type { FailureFact, Side } from "../schemas/task.ts";
import { DestinationError } from "../sync/destination.ts";
import { CopyError } from "../sync/errors.ts";
import { failureFact } from "../sync/failure.ts";
import { VerifyError } from "../sync/verify/verify-error.ts";
import { ConnectionUnavailable } from "./connections.ts";

/** The error says something about a registry or its content; anything else is a fault of ours. */
export function isFact(error: unknown): boolean {
  return (
    error instanceof CopyError ||
    error instanceof RegistryError ||
    error instanceof TransportError ||
    error instanceof ContentError ||
    error instanceof DestinationError ||
    error instanceof VerifyError ||
    error instanceof ConnectionUnavailable
  );
}

/** What failed, as facts. `side` names the end where it did, for errors that do not know it themselves. */
export function factOf(error: unknown, side: Side | null = null): FailureFact {
  const fact = failureFact(error);
  return error instanceof ConnectionUnavailable ? { ...fact, code: error.code, side } : fact;
}

/**
 * Whether it may pass: the transport has tried the request again by then, this is about minutes. Bytes that arrived wrong may
 * arrive right the next time.
 */
export function isRetryable(error: unknown): boolean {
  const cause = error instanceof CopyError ? error.cause : error;
  if (cause instanceof ContentError) {
    return ["DIGEST_MISMATCH", "SIZE_MISMATCH", "WEB_PAGE"].includes(cause.code);
  }
  return mayPass(cause);
}
