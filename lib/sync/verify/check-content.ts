import { keepsWholes } from "../../registry/chart-museum/museum-repository.ts";
import type { Descriptor } from "../../registry/descriptor.ts";
import { ContentError, RegistryError } from "../../registry/errors.ts";
import { isForeignLayer, isManifest } from "../../registry/media-types.ts";
import type { Manifest } from "../../registry/repository.ts";
import type { Finding, FindingReason } from "../../schemas/verification.ts";
import { childrenOf, readManifest, sourceHolds } from "../copy-graph.ts";
import { CopyError, step } from "../errors.ts";
import { mapLimited } from "../limit.ts";
import type { Walk } from "../walk.ts";
import type { Check } from "./check.ts";
import { isDamaged } from "./damaged.ts";
import { finding } from "./finding.ts";
import { ownListing } from "./own-listing.ts";
import { readBlob } from "./read-blob.ts";

/** Parts of one manifest that are asked for at once. */
const AT_ONCE = 8;

/**
 * Looks for a manifest at the target, and for everything below it that is copied. What lacks there is read at the source, so that
 * the findings say all that lacks, not only what lacks first.
 * @returns parts before what is made of them
 * @throws {CopyError} when an end cannot be asked
 */
export function checkManifest(
  node: Pick<Descriptor, "digest">,
  check: Check,
  depth = 0,
): Promise<readonly Finding[]> {
  const key = `manifest ${check.walk.target.name}@${node.digest}`;
  return check.memory.findings(key, async () => {
    const { walk } = check;
    const read = await readAtTarget(node.digest, check);
    const manifest = read.manifest ?? (await readAtSource(node.digest, walk));
    const children = manifest ? await childrenOf(manifest, walk, depth) : [];
    const below = await mapLimited(children, AT_ONCE, (child) =>
      isManifest(child.mediaType) ? checkManifest(child, check, depth + 1) : checkBlob(child, check),
    );
    const own = manifest?.descriptor ?? { digest: node.digest, mediaType: null, size: null };
    const lacking = read.reason ? [finding("manifest", read.reason, own, walk)] : [];
    const unlisted = read.manifest ? await ownListing(read.manifest, check) : [];
    return unique([...below.flat(), ...lacking, ...unlisted]);
  });
}

/** A manifest of the target, or what is wrong with it. */
type Read = { manifest: Manifest; reason?: undefined } | { manifest: null; reason: FindingReason };

async function readAtTarget(digest: string, { walk, note }: Check): Promise<Read> {
  const { target, signal } = walk;
  try {
    const manifest = await step({ operation: "fetch-manifest", side: "target", digest }, () =>
      target.fetchManifest(digest, { signal }),
    );
    note({ manifests: 1 });
    return { manifest };
  } catch (error) {
    const reason = whatIsWrong(error) ?? ((await isDamaged(error, walk)) ? "wrong-bytes" : null);
    if (reason === null) {
      throw error;
    }
    note({ manifests: 1 });
    return { manifest: null, reason };
  }
}

/** null where the source cannot say what belongs to it. */
async function readAtSource(digest: string, walk: Walk): Promise<Manifest | null> {
  try {
    return await readManifest({ digest }, walk);
  } catch (error) {
    walk.signal.throwIfAborted();
    if (error instanceof CopyError) {
      return null;
    }
    throw error;
  }
}

/** Looks for a blob at the target. A foreign layer is owed where the source holds it (T29). */
function checkBlob(blob: Descriptor, check: Check): Promise<readonly Finding[]> {
  const { walk, memory } = check;
  return memory.findings(`blob ${walk.target.name}@${blob.digest}`, async () => {
    const reason = await lackOf(blob, check);
    const owed = reason !== null && (!isForeignLayer(blob.mediaType) || (await sourceHolds(blob, walk)));
    check.note({ blobs: 1 });
    return owed ? [finding("blob", reason, blob, walk)] : [];
  });
}

async function lackOf(blob: Descriptor, check: Check): Promise<FindingReason | null> {
  const { target, signal } = check.walk;
  const { digest } = blob;
  if (!check.deep && !keepsWholes(target)) {
    const at = { operation: "head-blob", side: "target", digest } as const;
    if (await step(at, () => target.hasBlob(blob, { signal }))) {
      return null;
    }
  }
  try {
    await step({ operation: "fetch-blob", side: "target", digest }, () => readBlob(blob, check));
    return null;
  } catch (error) {
    const reason = whatIsWrong(error);
    if (reason === null) {
      throw error;
    }
    return reason;
  }
}

/** What an error says of the content that was asked for; null: nothing, it could not be asked for. */
function whatIsWrong(error: unknown): FindingReason | null {
  const cause = error instanceof CopyError ? error.cause : null;
  if (cause instanceof RegistryError) {
    return cause.status === 404 ? "missing" : null;
  }
  return cause instanceof ContentError ? (WRONG[cause.code] ?? null) : null;
}

const WRONG: Partial<Record<ContentError["code"], FindingReason>> = {
  DIGEST_MISMATCH: "wrong-bytes",
  UNREADABLE_MANIFEST: "wrong-bytes",
  SIZE_MISMATCH: "wrong-size",
  MANIFEST_TOO_LARGE: "wrong-size",
  UNREADABLE_CHART: "wrong-bytes",
};

/** Each once, in their order. */
export function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const each of findings) {
    const key = [each.kind, each.digest, each.tag, each.subject].join(" ");
    if (!seen.has(key)) {
      seen.set(key, each);
    }
  }
  return [...seen.values()];
}
