import type { Descriptor } from "./descriptor.ts";
import { referrersTag } from "./digest-tag.ts";
import { ContentError, RegistryError } from "./errors.ts";
import { fetchManifest } from "./manifests.ts";
import { isIndex, OCI_INDEX } from "./media-types.ts";
import { pushManifest } from "./push-manifest.ts";
import type { AddOptions, Manifest, RequestOptions } from "./repository.ts";
import { parseBody, successors } from "./successors.ts";
import type { Transport } from "./transport.ts";
import { digestOf } from "./verify.ts";

/** Others write the same list: so often it is read again and added to. */
const TRIES = 8;

/** A list as the tag schema keeps it. */
export interface ReferrersIndex {
  manifest: Manifest;
  referrers: Descriptor[];
}

/**
 * The list under the tag of the tag schema.
 * OCI distribution-spec v1.1.1, "Referrers Tag Schema".
 * @returns null where there is none, or the tag names something else than an index
 */
export async function readReferrersTag(
  transport: Transport,
  repository: string,
  tag: string,
  options: RequestOptions,
): Promise<ReferrersIndex | null> {
  const manifest = await manifestUnder(transport, repository, tag, options);
  return manifest && isIndex(manifest.descriptor.mediaType)
    ? { manifest, referrers: successors(manifest) }
    : null;
}

/**
 * Adds referrers to the list of the tag schema; what stands there stays as it is. It is read immediately before it is written
 * and again afterwards: what somebody else wrote over ours meanwhile is added to anew. Whom we write over in the moment between
 * reading and writing is lost, for the protocol has no conditional write.
 * OCI distribution-spec v1.1.1, "Pushing Manifests with Subject".
 *
 * @throws {ContentError} UNREADABLE_MANIFEST when the tag names something else than an index; MANIFEST_TOO_LARGE
 */
export async function addToReferrersTag(
  transport: Transport,
  repository: string,
  { subject, referrers }: { subject: string; referrers: readonly Descriptor[] },
  options: AddOptions,
): Promise<void> {
  const tag = referrersTag(subject);
  await inTurn(transport, `${repository}:${tag}`, async () => {
    for (let tries = 0; ; tries += 1) {
      options.signal?.throwIfAborted();
      const standing = await manifestUnder(transport, repository, tag, options);
      const merged = mergedIndex(standing, referrers, tag);
      if (merged === null) {
        return;
      }
      if (tries === TRIES) {
        throw new ContentError(
          "UNREADABLE_MANIFEST",
          `a list of referrers under ${tag} that stays`,
          "another",
        );
      }
      const { signal, beforeTag } = options;
      await pushManifest(transport, repository, merged, { signal, tag, beforeSending: beforeTag });
    }
  });
}

/**
 * The list with what it lacks behind what it has. @returns null when it lacks nothing
 * @throws {ContentError} UNREADABLE_MANIFEST
 */
export function mergedIndex(
  standing: Manifest | null,
  referrers: readonly Descriptor[],
  tag: string,
): Manifest | null {
  if (standing && !isIndex(standing.descriptor.mediaType)) {
    throw new ContentError("UNREADABLE_MANIFEST", `an index under ${tag}`, standing.descriptor.mediaType);
  }
  const known = new Set((standing ? successors(standing) : []).map(({ digest }) => digest));
  const lacking = referrers.filter(({ digest }) => !known.has(digest));
  if (lacking.length === 0) {
    return null;
  }
  const body = standing ? parseBody(standing.bytes) : { schemaVersion: 2, mediaType: OCI_INDEX };
  const manifests = [...(Array.isArray(body.manifests) ? body.manifests : []), ...lacking];
  const bytes = new TextEncoder().encode(JSON.stringify({ ...body, manifests }));
  const mediaType = standing?.descriptor.mediaType ?? OCI_INDEX;
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}

async function manifestUnder(
  transport: Transport,
  repository: string,
  tag: string,
  options: RequestOptions,
): Promise<Manifest | null> {
  try {
    return await fetchManifest(transport, repository, tag, { signal: options.signal });
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) {
      return null;
    }
    throw error;
  }
}

const turns = new WeakMap<Transport, Map<string, Promise<unknown>>>();

/** One after the other, of those that mean the same list of the same registry. */
async function inTurn(transport: Transport, list: string, run: () => Promise<void>): Promise<void> {
  const waiting = turns.get(transport) ?? new Map<string, Promise<unknown>>();
  turns.set(transport, waiting);
  const before = waiting.get(list) ?? Promise.resolve();
  const ours = before.then(run, run);
  const settled = ours.catch(() => undefined);
  waiting.set(list, settled);
  try {
    await ours;
  } finally {
    if (waiting.get(list) === settled) {
      waiting.delete(list);
    }
  }
}
