import { RegistryError } from "../../registry/errors.ts";
import { CopyError } from "../errors.ts";
import type { Walk } from "../walk.ts";

/** How registries refuse an index that names what they do not hold; those that take it say nothing. */
const REFUSED = /^(?:MANIFEST_BLOB_UNKNOWN|MANIFEST_INVALID|MANIFEST_UNKNOWN|BLOB_UNKNOWN|UNKNOWN)$/;
const REFUSED_STATUS: ReadonlySet<number> = new Set([400, 404, 422]);

/**
 * The error of a push, named for what it is where the target refused an index because some of its images were left out:
 * another error otherwise.
 */
export function refusesParts(error: unknown, digest: string, { kept }: Walk): unknown {
  if (!kept?.has(digest) || !(error instanceof CopyError) || !(error.cause instanceof RegistryError)) {
    return error;
  }
  const { cause } = error;
  if (!REFUSED.test(cause.code) || !REFUSED_STATUS.has(cause.status)) {
    return error;
  }
  const { status, method, url, detail, requestId } = cause;
  const named = new RegistryError(
    { code: "SPARSE_INDEX_REFUSED", status, method, url, detail, requestId },
    { cause },
  );
  return new CopyError(error.operation, error.side, error.digest, named);
}
