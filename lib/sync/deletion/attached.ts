import { cosignTags, referrersTag } from "../../registry/digest-tag.ts";
import { RegistryError } from "../../registry/errors.ts";
import { referrerDescriptor, subjectOf } from "../../registry/referrer.ts";
import type { Manifest, Repository } from "../../registry/repository.ts";
import { CopyError, step } from "../errors.ts";
import { deleteReference, deleteTag } from "./delete-tag.ts";
import { aloneAt, type Deleting, type Restoring } from "./prepare-deletion.ts";

/** So much is kept to be put back; what has more keeps it all at the target. */
const MOST = 64;
const MOST_BYTES = 1024 * 1024;
/** Referrers of referrers. */
const DEPTH = 8;

/** A signature, an attestation, an SBOM of a manifest that is deleted, in the order in which they go. */
export interface Attached {
  subject: string;
  /** null: it refers to the subject, and no tag names it. */
  tag: string | null;
  /** The list of the tag schema: it is made anew when what it lists is put back. */
  list: boolean;
  manifest: Manifest;
}

/**
 * Reads what belongs to a manifest at a target, so that it can go with it and be put back; changes nothing.
 * @returns null when it is more than is kept: then it stays
 * @throws {CopyError}
 */
export async function readAttached(
  target: Repository,
  digest: string,
  signal: AbortSignal,
): Promise<Attached[] | null> {
  const found: Attached[] = [];
  const seen = new Set<string>();
  const visit = async (subject: string, depth: number): Promise<void> => {
    if (seen.has(subject) || depth > DEPTH || found.length > MOST) {
      return;
    }
    seen.add(subject);
    const read = async (tag: string): Promise<void> => {
      const manifest = await manifestAt(target, tag, signal);
      if (manifest) {
        found.push({ subject, tag, list: tag === referrersTag(subject), manifest });
      }
    };
    const { referrers, via } = await step(
      { operation: "list-referrers", side: "target", digest: subject },
      () => target.referrers(subject, { signal }),
    );
    if (via === "tag-schema" && referrers.length > 0) {
      await read(referrersTag(subject));
    }
    for (const tag of cosignTags(subject)) {
      await read(tag);
    }
    for (const { digest } of referrers.slice(0, MOST + 1)) {
      const manifest = await manifestAt(target, digest, signal);
      // Whoever may push writes the list of the tag schema: what it names may be anybody's image.
      if (manifest && refersTo(manifest, subject)) {
        await visit(digest, depth + 1);
        found.push({ subject, tag: null, list: false, manifest });
      }
    }
  };
  await visit(digest, 0);
  const bytes = found.reduce((sum, { manifest }) => sum + manifest.bytes.byteLength, 0);
  return found.length <= MOST && bytes <= MOST_BYTES ? found : null;
}

function refersTo(manifest: Manifest, subject: string): boolean {
  try {
    return subjectOf(manifest) === subject;
  } catch {
    return false;
  }
}

async function manifestAt(
  target: Repository,
  reference: string,
  signal: AbortSignal,
): Promise<Manifest | null> {
  try {
    return await step({ operation: "fetch-manifest", side: "target" }, () =>
      target.fetchManifest(reference, { signal }),
    );
  } catch (error) {
    const cause = error instanceof CopyError ? error.cause : null;
    if (cause instanceof RegistryError && cause.status === 404) {
      return null;
    }
    throw error;
  }
}

/**
 * Deletes what belonged to a manifest that is deleted, as far as nothing else needs it and the registry lets us. What stays
 * refers to nothing; the registry's own clean-up knows that. What a tag or an index names again by now keeps what is its own.
 * @throws {CopyError} when the registry fails
 */
export async function deleteAttached(
  target: Repository,
  attached: readonly Attached[],
  how: Deleting,
): Promise<void> {
  const keeps = neededSubjects(attached, how);
  for (const { subject, tag, manifest } of attached) {
    const { digest } = manifest.descriptor;
    if (await keeps(subject)) {
      continue;
    }
    const sharing = await how.shared.of({ tag: tag ?? "", digest }, how.signal);
    if (tag !== null) {
      // Somebody may be adding to the list of this moment: then it is another one, and stays.
      await aloneAt(how, tag, async () => {
        const named = await step({ operation: "resolve-tag", side: "target" }, () =>
          target.resolve(tag, { signal: how.signal }),
        );
        if (named?.digest === digest) {
          const inside = { ...how, aloneAtTag: undefined };
          await deleteTag(target, { tag, digest }, { kind: "ready", manifest, sharing }, inside);
        }
      });
    } else if (sharing && sharing.tags.length === 0 && !sharing.byDigest) {
      await deleteReference(target, digest, how);
    }
  }
}

/**
 * Whether a tag names a subject, or what that refers to in turn, or an index that holds it; asked once each. Where there are too
 * many tags to ask: yes.
 */
function neededSubjects(
  attached: readonly Attached[],
  { shared, signal }: Deleting,
): (subject: string) => Promise<boolean> {
  const parents = new Map(attached.map(({ subject, manifest }) => [manifest.descriptor.digest, subject]));
  const known = new Map<string, boolean>();
  const isNeeded = async (digest: string): Promise<boolean> => {
    const found = known.get(digest);
    if (found !== undefined) {
      return found;
    }
    // Rows are of other versions as well: one that led round in a circle would never end.
    known.set(digest, false);
    const sharing = await shared.of({ tag: "", digest }, signal);
    const named = sharing === null || sharing.tags.length > 0 || sharing.byDigest;
    const parent = parents.get(digest);
    const needed = named || (parent !== undefined && (await isNeeded(parent)));
    known.set(digest, needed);
    return needed;
  };
  return isNeeded;
}

/** Puts back what was deleted with a manifest that is there again. @throws {CopyError} @throws what `beforeWrite` throws */
export async function restoreAttached(
  target: Repository,
  attached: readonly Attached[],
  how: Restoring,
): Promise<void> {
  // What refers to something was read, and deleted, before that.
  for (const each of attached.toReversed()) {
    if (each.list) {
      continue;
    }
    const { tag } = each;
    await (tag === null
      ? pushReferrer(target, each, how)
      : aloneAt(how, tag, () => pushTag(target, each, tag, how)));
  }
}

/** Unless something else has its name by now. */
async function pushTag(
  target: Repository,
  { manifest }: Attached,
  tag: string,
  { signal, beforeWrite }: Restoring,
): Promise<void> {
  await step({ operation: "push-manifest", side: "target", digest: manifest.descriptor.digest }, async () => {
    if (!(await target.resolve(tag, { signal }))) {
      await target.pushManifest(manifest, { signal, tag, beforeSending: beforeWrite });
    }
  });
}

/** Where the registry keeps no list itself, it is added to the one of the tag schema, which others of ours may be adding to. */
async function pushReferrer(
  target: Repository,
  { subject, manifest }: Attached,
  how: Restoring,
): Promise<void> {
  const { signal, beforeWrite } = how;
  const at = { operation: "push-manifest", side: "target", digest: manifest.descriptor.digest } as const;
  const pushed = await step(at, () => target.pushManifest(manifest, { signal, beforeSending: beforeWrite }));
  if (pushed.subject === subject) {
    return;
  }
  await step(at, async () => {
    const { via } = await target.referrers(subject, { signal });
    if (via === "tag-schema") {
      const descriptor = referrerDescriptor(manifest);
      await aloneAt(how, referrersTag(subject), () =>
        target.addReferrers(subject, [descriptor], { signal, beforeTag: beforeWrite }),
      );
    }
  });
}
