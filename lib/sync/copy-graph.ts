import type { Descriptor } from "../registry/descriptor.ts";
import { ContentError, RegistryError } from "../registry/errors.ts";
import { schema1Unsupported } from "../registry/manifests.ts";
import { isForeignLayer, isIndex, isManifest, isSchema1 } from "../registry/media-types.ts";
import type { Manifest, PushedManifest } from "../registry/repository.ts";
import { MAX_DEPTH, successors } from "../registry/successors.ts";
import { copyBlob, resendBlob } from "./copy-blob.ts";
import { CopyError, step } from "./errors.ts";
import { forEachLimited } from "./limit.ts";
import { keptOf } from "./platforms/narrow.ts";
import { refusesParts } from "./platforms/refused-index.ts";
import { listUnderSubject } from "./referrers/add-to-list.ts";
import { underClaim, type Walk } from "./walk.ts";

/** Children of one manifest on their way at once. Each manifest has slots of its own: waiting for children blocks nobody. */
const CHILDREN_AT_ONCE = 32;

/**
 * Brings everything that a manifest names to the target: blobs, and child manifests with all that they name, depth
 * first. When it returns, the manifest itself may be pushed (T10).
 * @throws {CopyError} of the child that failed first, after those on their way have ended
 */
export async function copyChildren(manifest: Manifest, walk: Walk, depth = 0): Promise<void> {
  const children = await childrenOf(manifest, walk, depth);
  const ownBytes = manifest.descriptor.size;
  walk.report({ found: children.reduce((sum, child) => sum + child.size, ownBytes) });
  await forEachLimited(children, CHILDREN_AT_ONCE, async (child) => {
    try {
      walk.begin.throwIfAborted();
      await copyChild(child, walk, depth + 1);
    } catch (error) {
      walk.fail(error);
      throw error;
    }
  });
}

async function copyChild(child: Descriptor, walk: Walk, depth: number): Promise<void> {
  if (isManifest(child.mediaType)) {
    await copyManifest(child, walk, depth);
  } else if (isSchema1(child.mediaType)) {
    // Docker's lists may name one.
    await step({ operation: "read-manifest", side: "source", digest: child.digest }, () =>
      Promise.reject(schema1Unsupported()),
    );
  } else if (isForeignLayer(child.mediaType) && !(await sourceHolds(child, walk))) {
    // Left as what it is, a reference: nobody but its `urls` has the bytes (T29).
    walk.report({ found: -child.size });
  } else {
    await copyBlob(child, walk);
  }
}

/** A child manifest, pushed by digest: no tag ever names a part of an index on the way. */
async function copyManifest(node: Descriptor, walk: Walk, depth: number): Promise<void> {
  const { placements, target, signal } = walk;
  const claim = await placements.claim(node.digest, target.name, { signal: walk.begin, mountable: false });
  if (claim.kind === "placed") {
    walk.report({ skipped: node.size });
    return;
  }
  await underClaim(claim, async () => {
    const standing = await step({ operation: "head-manifest", side: "target", digest: node.digest }, () =>
      target.resolve(node.digest, { signal }),
    );
    if (standing && !(walk.doubtsIndexes && isIndex(node.mediaType))) {
      // A registry that has a manifest has what it names. One that does not says so when the parent is pushed.
      walk.report({ skipped: node.size });
      return;
    }
    const manifest = await readManifest(node, walk);
    // Its size was found with its parent already.
    walk.report({ found: -node.size });
    await copyChildren(manifest, walk, depth);
    if (standing) {
      walk.report({ skipped: node.size });
      return;
    }
    const pushed = await pushManifest(manifest, walk);
    await listUnderSubject(manifest, pushed, walk);
    walk.report({ copied: node.size });
  });
}

/**
 * Reads a manifest at the source, once for all tags that name it. Its size is checked there, before anything is sent.
 * @throws {CopyError} DIGEST_MISMATCH, SIZE_MISMATCH, MANIFEST_TOO_LARGE, MANIFEST_UNKNOWN
 */
export function readManifest(
  { digest, size }: { digest: string; size?: number },
  { source, memory, signal, throttle }: Walk,
): Promise<Manifest> {
  return step({ operation: "fetch-manifest", side: "source", digest }, async () => {
    const manifest = await memory.manifests.get(digest, async () => {
      const fetched = memory.manifests.taken(digest) ?? (await source.fetchManifest(digest, { signal }));
      // It will be pushed as well: counted once, for both ends, after the fact, because its size is known only now.
      await throttle.pass(fetched.bytes.byteLength, signal);
      return fetched;
    });
    if (size !== undefined && size !== manifest.bytes.byteLength) {
      throw new ContentError("SIZE_MISMATCH", `${size} bytes`, `${manifest.bytes.byteLength} bytes`);
    }
    return manifest;
  });
}

/**
 * Pushes a manifest by digest, or to a tag. If the target lacks something it names although it seemed to be there
 * (T15, T30), that is sent again, past what is believed of it, and the manifest once more.
 * @throws {CopyError}
 */
export async function pushManifest(manifest: Manifest, walk: Walk, tag?: string): Promise<PushedManifest> {
  const { digest } = manifest.descriptor;
  const push = async () => {
    if (tag !== undefined) {
      await walk.beforeTag?.();
    }
    return step({ operation: "push-manifest", side: "target", digest }, () =>
      walk.target.pushManifest(manifest, { signal: walk.signal, tag }),
    );
  };
  try {
    return await push();
  } catch (error) {
    const lacking = whatIsLacking(error);
    if (lacking === null) {
      throw refusesParts(error, digest, walk);
    }
    await resendChildren(manifest, lacking, walk, 0);
    return push().catch((again: unknown) => Promise.reject(refusesParts(again, digest, walk)));
  }
}

/** What the target said when it refused a manifest for want of its content; null for every other failure. */
function whatIsLacking(error: unknown): string | null {
  return error instanceof CopyError &&
    error.cause instanceof RegistryError &&
    error.cause.code === "MANIFEST_BLOB_UNKNOWN"
    ? error.cause.detail
    : null;
}

async function resendChildren(manifest: Manifest, lacking: string, walk: Walk, depth: number): Promise<void> {
  const children = await childrenOf(manifest, walk, depth);
  await forEachLimited(children, CHILDREN_AT_ONCE, async (child) => {
    const named = lacking.includes(child.digest);
    if (isManifest(child.mediaType)) {
      await resendManifest(child, { lacking, named }, walk, depth + 1);
    } else if (!isForeignLayer(child.mediaType) || (await sourceHolds(child, walk))) {
      await resendBlob(child, named, walk);
    }
  });
}

async function resendManifest(
  node: Descriptor,
  { lacking, named }: { lacking: string; named: boolean },
  walk: Walk,
  depth: number,
): Promise<void> {
  const { target, signal } = walk;
  const at = { side: "target", digest: node.digest } as const;
  if (
    !named &&
    (await step({ operation: "head-manifest", ...at }, () => target.resolve(node.digest, { signal })))
  ) {
    return;
  }
  const manifest = await readManifest(node, walk);
  await resendChildren(manifest, lacking, walk, depth);
  await step({ operation: "push-manifest", ...at }, () => target.pushManifest(manifest, { signal }));
}

/**
 * The parts of a manifest that are copied.
 * @throws {CopyError} UNREADABLE_MANIFEST, MANIFEST_TOO_DEEP: the source holds it, so the source is to blame
 */
export function childrenOf(manifest: Manifest, walk: Walk, depth: number): Promise<readonly Descriptor[]> {
  const { digest } = manifest.descriptor;
  return step({ operation: "read-manifest", side: "source", digest }, async () => {
    if (depth > MAX_DEPTH) {
      throw new ContentError("MANIFEST_TOO_DEEP", `at most ${MAX_DEPTH} nested indexes`, "more");
    }
    return keptOf(successors(manifest), digest, walk.kept);
  });
}

/** HEAD of a blob at the source. @throws {CopyError} */
export function sourceHolds(blob: Descriptor, { source, signal }: Walk): Promise<boolean> {
  return step({ operation: "head-blob", side: "source", digest: blob.digest }, () =>
    source.hasBlob(blob, { signal }),
  );
}
