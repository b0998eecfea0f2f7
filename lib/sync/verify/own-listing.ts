import { subjectOf } from "../../registry/referrer.ts";
import type { Manifest } from "../../registry/repository.ts";
import type { Finding } from "../../schemas/verification.ts";
import { step } from "../errors.ts";
import type { Check } from "./check.ts";
import { finding } from "./finding.ts";

/**
 * What is tagged, or stands in an index, and refers to something itself has to be listed there (T32). What is looked at because
 * it was found listed at the source is compared with that list instead.
 * @throws {CopyError}
 */
export async function ownListing(manifest: Manifest, { walk, asReferrer }: Check): Promise<Finding[]> {
  const subject = walk.bringsReferrers && !asReferrer ? subjectOf(manifest) : null;
  if (subject === null) {
    return [];
  }
  const { target, signal } = walk;
  const { digest } = manifest.descriptor;
  const { referrers } = await step({ operation: "list-referrers", side: "target", digest: subject }, () =>
    target.referrers(subject, { signal }),
  );
  return referrers.some((each) => each.digest === digest)
    ? []
    : [{ ...finding("referrer", "not-listed", manifest.descriptor, walk), subject }];
}
