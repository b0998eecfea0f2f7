import type { Descriptor } from "../../registry/descriptor.ts";
import { RegistryError } from "../../registry/errors.ts";
import { referrerDescriptor, subjectOf } from "../../registry/referrer.ts";
import type { Manifest } from "../../registry/repository.ts";
import { copyChildren, pushManifest, readManifest } from "../copy-graph.ts";
import { CopyError, step } from "../errors.ts";
import { mapLimited } from "../limit.ts";
import type { Walk } from "../walk.ts";
import { addToList } from "./add-to-list.ts";
import type { ReferrersRun } from "./referrers-run.ts";

const AT_ONCE = 8;

/** A referrer that is in place at the target. */
interface Placed {
  descriptor: Descriptor;
  /** `OCI-Subject` of the answer; undefined where none was heard. */
  noted: string | null | undefined;
  copied: boolean;
}

/**
 * Brings the referrers of one manifest that the target does not list. Where its registry keeps no list by itself, they are
 * added to that of the tag schema (T32); where it does, nothing but the manifests is pushed, however the source lists them (T33).
 * @returns those that are at the target now; what is not there or refers to something else is left out
 * @throws {CopyError}
 */
export async function bringListed(
  subject: string,
  listed: readonly Descriptor[],
  run: ReferrersRun,
): Promise<Descriptor[]> {
  if (listed.length === 0) {
    return [];
  }
  const { target, signal } = run.walk;
  const standing = await step({ operation: "list-referrers", side: "target", digest: subject }, () =>
    target.referrers(subject, { signal }),
  );
  const known = new Map(standing.referrers.map((referrer) => [referrer.digest, referrer]));
  const placed = await mapLimited(listed, AT_ONCE, async (referrer): Promise<Placed | null> => {
    run.walk.begin.throwIfAborted();
    return known.has(referrer.digest)
      ? { descriptor: referrer, noted: subject, copied: false }
      : bringOne(referrer, subject, run.walk);
  });
  const present = placed.filter((one) => one !== null);
  const unnoted = present.filter(({ noted }) => noted !== subject).map(({ descriptor }) => descriptor);
  if (standing.via === "tag-schema" && unnoted.length > 0) {
    await addToList(subject, unnoted, run.walk);
  }
  for (const { descriptor, copied } of present) {
    const { digest, artifactType = null } = descriptor;
    run.note({ digest, subject, artifactType, tag: null, state: copied ? "copied" : "standing" });
  }
  return present.map(({ descriptor }) => descriptor);
}

/** @returns null for what does not refer to the subject, whoever lists it, and for what is listed and gone */
async function bringOne(referrer: Descriptor, subject: string, walk: Walk): Promise<Placed | null> {
  const { placements, target, begin } = walk;
  const claim = await placements.claim(referrer.digest, target.name, { signal: begin, mountable: false });
  let placed = false;
  try {
    const manifest = await readReferrer(referrer, subject, walk);
    if (!manifest || claim.kind === "placed") {
      return manifest && { descriptor: referrerDescriptor(manifest), noted: undefined, copied: false };
    }
    await copyChildren(manifest, walk);
    const pushed = await pushManifest(manifest, walk);
    placed = true;
    walk.report({ copied: manifest.bytes.byteLength });
    return { descriptor: referrerDescriptor(manifest), noted: pushed.subject, copied: true };
  } finally {
    if (claim.kind === "bring") {
      await (placed ? claim.placed() : claim.abandoned());
    }
  }
}

/** @returns null for what is gone at the source or refers to something else, whoever lists it */
export async function readReferrer(
  referrer: Descriptor,
  subject: string,
  walk: Walk,
): Promise<Manifest | null> {
  const { digest } = referrer;
  try {
    const manifest = await readManifest(referrer, walk);
    return await step({ operation: "read-manifest", side: "source", digest }, async () =>
      subjectOf(manifest) === subject ? manifest : null,
    );
  } catch (error) {
    const { cause } = error as CopyError;
    if (error instanceof CopyError && cause instanceof RegistryError && cause.status === 404) {
      return null;
    }
    throw error;
  }
}
