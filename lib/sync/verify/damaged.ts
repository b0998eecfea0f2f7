import { RegistryError } from "../../registry/errors.ts";
import { CopyError, step } from "../errors.ts";
import type { Walk } from "../walk.ts";
import { finding } from "./finding.ts";
import { VerifyError } from "./verify-error.ts";

/** Names nothing anywhere. */
const NO_DIGEST = `sha256:${"0".repeat(64)}`;

/**
 * Whether a registry that answered 500 does so to this manifest alone: CNCF Distribution says nothing better of one that it cannot
 * parse. One that is ill has no answer to what it has never heard of either.
 */
export async function isDamaged(
  error: unknown,
  { target, signal }: Pick<Walk, "target" | "signal">,
): Promise<boolean> {
  if (!(error instanceof CopyError && error.cause instanceof RegistryError && error.cause.status === 500)) {
    return false;
  }
  try {
    return (await target.resolve(NO_DIGEST, { signal })) === null;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * A tag that the target cannot even name, because the very manifest that it should name is damaged there: that is said, and not
 * that the registry is ill.
 * @throws {VerifyError} TARGET_DAMAGED @throws the error itself in every other case
 */
export async function refuseDamaged(error: unknown, digest: string, walk: Walk): Promise<never> {
  const { target, signal } = walk;
  if (await isDamaged(error, walk)) {
    try {
      await step({ operation: "fetch-manifest", side: "target", digest }, () =>
        target.fetchManifest(digest, { signal }),
      );
    } catch (own) {
      if (await isDamaged(own, walk)) {
        throw new VerifyError([
          finding("manifest", "wrong-bytes", { digest, mediaType: null, size: null }, walk),
        ]);
      }
    }
  }
  throw error;
}
