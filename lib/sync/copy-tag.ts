import type { Descriptor } from "../registry/descriptor.ts";
import { RegistryError } from "../registry/errors.ts";
import { subjectOf } from "../registry/referrer.ts";
import type { Referrers } from "../schemas/referrers.ts";
import { copyChildren, pushManifest, readManifest } from "./copy-graph.ts";
import { CopyError, step } from "./errors.ts";
import type { NamedContent } from "./likely-names.ts";
import { aimOf } from "./platforms/aim.ts";
import type { ContentReader } from "./platforms/narrow.ts";
import { broughtBack, completed, landedAt } from "./platforms/outcome.ts";
import { lacksSome } from "./platforms/parts-at-target.ts";
import { contentReader } from "./platforms/read-content.ts";
import { listUnderSubject } from "./referrers/add-to-list.ts";
import { bringReferrers } from "./referrers/bring-referrers.ts";
import type { TransferContext, TransferOutcome, TransferRequest } from "./transfer.ts";
import { verdictAt } from "./verdict.ts";
import { refuseDamaged } from "./verify/damaged.ts";
import { type Walk, walking } from "./walk.ts";
import { type AimedRequest, behindWith, pushTag, resolveTag, settledBy } from "./write-tag.ts";

/**
 * Copies one tag: the digest that the scan saw, children first, the tag last.
 *
 * The target is asked first: equal digests need nothing, and a tag with other content stays unless `override`, or where the source
 * is known to be the older one (`isBehind`).
 * Immediately before the tag is written both ends are asked again, unless this process asked within the last second
 * (last-look.ts). What another client puts there between that answer and our PUT is overwritten: the protocol has no
 * conditional write, so this window remains (FT09). Against others of our own `aloneAtTag` closes it.
 * `beforeTag` has the last word: a worker that lost its job meanwhile writes no tag.
 * A tag that moved at the source meanwhile is reported (`moved`), never mixed in; one that is gone is not written.
 *
 * @throws {CopyError} naming the side; the signal's reason after an abort
 */
export function copyTag(request: TransferRequest, context: TransferContext): Promise<TransferOutcome> {
  return walking(request, context, (walk) => copyAlong(request, walk));
}

async function copyAlong(request: TransferRequest, walk: Walk): Promise<TransferOutcome> {
  const { target, tag } = request;
  const { signal } = walk;
  const standing = await step({ operation: "resolve-tag", side: "target" }, () =>
    walk.memory.firstLooks.at(target).resolve(tag, { signal, likely: likelyAt(request, walk) }),
  ).catch((error: unknown) => refuseDamaged(error, request.digest, walk));
  try {
    const aim = await aimOf(request, standing, readerOf(walk));
    const { override } = request;
    const isBehind = behindWith([request.digest], walk);
    const verdict = await verdictAt(aim, { override, standing, isBehind }, (manifests) =>
      lacksSome(manifests, target, { found: walk.memory.standing, signal }),
    );
    const settled = settledBy(verdict, false);
    if (!aim || (settled && (settled.status !== "up-to-date" || !request.referrers))) {
      return landedAt(
        settled ?? { status: "skipped", reason: "platform-absent", moved: false },
        aim,
        request,
      );
    }
    walk.kept = aim.kept;
    const aimed = { ...request, digest: aim.digest, mediaType: aim.mediaType, pinned: request.digest };
    const outcome = settled ? withReferrers(settled, await alongWith(aimed, walk)) : await bring(aimed, walk);
    return landedAt(completed(outcome, verdict), aim, request);
  } catch (error) {
    const outcome = await ifSourceVanished(error, request, signal);
    if (outcome === null) {
      throw error;
    }
    return outcome;
  }
}

/** Where an index is copied in part, it stands there as a whole, or as one of its images under a name of its own. */
function likelyAt(
  { digest, mediaType, platforms }: TransferRequest,
  { memory }: Walk,
): NamedContent | undefined {
  return memory.comparesNames && mediaType && !platforms ? { digest, mediaType } : undefined;
}

function readerOf(walk: Walk): ContentReader {
  return contentReader(walk.source, { signal: walk.signal }, (digest) => readManifest({ digest }, walk));
}

async function bring(request: AimedRequest, walk: Walk): Promise<TransferOutcome> {
  const { digest, target } = request;
  const claim = await walk.placements.claim(digest, target.name, {
    signal: walk.begin,
    mountable: false,
  });
  if (claim.kind === "placed") {
    const manifest = await readManifest({ digest }, walk);
    const { size } = manifest.descriptor;
    // Only the name is new: the manifest travels once more because a tag cannot be written without it.
    walk.report({ found: size, skipped: size });
    const referrers = await alongWith(request, walk);
    return withReferrers(await pushTag(manifest, request, walk), referrers);
  }
  let landed = false;
  let outcome: TransferOutcome | undefined;
  try {
    const manifest = await readManifest({ digest }, walk);
    await copyChildren(manifest, walk);
    // The tag comes last, so that whoever pulls it finds it signed.
    const ready = async () => {
      if (landed) {
        return;
      }
      const pushed = await pushManifest(manifest, walk);
      await listUnderSubject(manifest, pushed, walk);
      // No claim is held while others are waited for, but by a parent for its children: what refers to it may be such a parent.
      landed = true;
      await claim.placed();
    };
    const referrers = await alongWith(request, walk, ready);
    if (walk.bringsReferrers && subjectOf(manifest) !== null) {
      await ready();
    }
    const tagged = await pushTag(manifest, request, walk);
    // The target may have lost what its tag names: sent by digest, it is in its place again.
    outcome = withReferrers(landed ? broughtBack(tagged) : tagged, referrers);
    const { size } = manifest.descriptor;
    walk.report(outcome.status === "copied" ? { copied: size } : { skipped: size });
    return outcome;
  } finally {
    // Without the push its children are in place, the manifest is not.
    if (!landed) {
      await (outcome?.status === "copied" ? claim.placed() : claim.abandoned());
    }
  }
}

/** Brings what belongs to the manifests of the tag. @param ready brings its own manifest, where the target has it not yet */
function alongWith(
  { digest, mediaType, pinned, referrers, override }: AimedRequest,
  walk: Walk,
  ready: () => Promise<void> = async () => undefined,
): Promise<Referrers> | undefined {
  return (
    referrers && bringReferrers({ digest, mediaType, scanned: pinned, override, ...referrers }, walk, ready)
  );
}

function withReferrers(outcome: TransferOutcome, referrers: Referrers | undefined): TransferOutcome {
  return !referrers || outcome.status === "skipped" ? outcome : { ...outcome, referrers };
}

/** When content is missing at the source because the tag is gone or names something else by now; null otherwise. */
async function ifSourceVanished(
  error: unknown,
  { source, tag, digest }: TransferRequest,
  signal: AbortSignal,
): Promise<TransferOutcome | null> {
  const missing =
    error instanceof CopyError &&
    error.side === "source" &&
    error.cause instanceof RegistryError &&
    error.cause.status === 404;
  if (!missing || signal.aborted) {
    return null;
  }
  let named: Descriptor | null;
  try {
    named = await resolveTag(source, "source", tag, { signal });
  } catch {
    // What went wrong first is the news.
    return null;
  }
  return named?.digest === digest
    ? null
    : { status: "skipped", reason: "source-deleted", moved: named !== null };
}
