import type { Descriptor } from "../../registry/descriptor.ts";
import { referrersTag } from "../../registry/digest-tag.ts";
import { referrerDescriptor, subjectOf } from "../../registry/referrer.ts";
import type { Manifest, PushedManifest } from "../../registry/repository.ts";
import { step } from "../errors.ts";
import { aloneAtDigestTag, type Walk } from "../walk.ts";

/** Adds referrers to the tag schema's list. One after the other over all workers: transfers, and tasks, may share a subject. */
export async function addToList(
  subject: string,
  referrers: readonly Descriptor[],
  walk: Walk,
): Promise<void> {
  const { target, signal, beforeTag } = walk;
  await aloneAtDigestTag(walk, referrersTag(subject), () =>
    step({ operation: "push-manifest", side: "target", digest: subject }, () =>
      target.addReferrers(subject, referrers, { signal, beforeTag }),
    ),
  );
}

/**
 * What came for its own sake, under a tag or in an index, may refer to something as well, be that here, elsewhere or nowhere:
 * whoever pushes it has to see to it that it is listed, where the registry did not (T32).
 * OCI distribution-spec v1.1.1, "Pushing Manifests with Subject".
 * @throws {CopyError}
 */
export async function listUnderSubject(
  manifest: Manifest,
  pushed: PushedManifest,
  walk: Walk,
): Promise<void> {
  const subject = walk.bringsReferrers ? subjectOf(manifest) : null;
  if (subject === null || pushed.subject === subject) {
    return;
  }
  const { target, signal } = walk;
  const { via, referrers } = await step(
    { operation: "list-referrers", side: "target", digest: subject },
    () => target.referrers(subject, { signal }),
  );
  if (via === "tag-schema" && !referrers.some(({ digest }) => digest === manifest.descriptor.digest)) {
    await addToList(subject, [referrerDescriptor(manifest)], walk);
  }
}
