import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import type { Side } from "../schemas/task.ts";

export type CopyCause = RegistryError | TransportError | ContentError;

/** A step of a copy failed at one of the two ends. The cause travels. */
export class CopyError extends Error {
  override readonly name = "CopyError";
  override readonly cause: CopyCause;
  readonly side: Side;
  /** What was tried, e.g. `push-manifest`, `fetch-blob`. */
  readonly operation: string;
  readonly digest: string | undefined;

  constructor(operation: string, side: Side, digest: string | undefined, cause: CopyCause) {
    super(`${operation} at the ${side}: ${cause.message}`, { cause });
    this.operation = operation;
    this.side = side;
    this.digest = digest;
    this.cause = cause;
  }

  get code(): string {
    return this.cause.code;
  }
}

/** A step of a copy, for the error that it may end in. */
export interface Step {
  operation: string;
  side: Side;
  digest?: string | undefined;
}

/**
 * Runs one step at one end and names both in the error it may end in.
 * An abort and a mistake of ours pass through as they are.
 * @throws {CopyError}
 */
export async function step<T>({ operation, side, digest }: Step, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asCopyError({ operation, side, digest }, error);
  }
}

/** The error itself, where it is one of a step. @throws anything else: nobody can be told of it as a failure of a copy */
export function copyErrorOf(error: unknown): CopyError {
  if (error instanceof CopyError) {
    return error;
  }
  throw error;
}

/** The error as a CopyError where it is one of the three causes; else itself. */
export function asCopyError({ operation, side, digest }: Step, error: unknown): unknown {
  return isCopyCause(error) ? new CopyError(operation, side, digest, error) : error;
}

function isCopyCause(error: unknown): error is CopyCause {
  return error instanceof RegistryError || error instanceof TransportError || error instanceof ContentError;
}
