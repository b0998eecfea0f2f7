import type { Descriptor } from "../registry/descriptor.ts";
import { inlineContent } from "../registry/inline-content.ts";
import type { OpenedUpload } from "../registry/repository.ts";
import { mayMount } from "../registry/uploads.ts";
import { EarlyRead } from "./early-read.ts";
import type { Claim, UploadMemory } from "./placements.ts";
import { openUpload, sendRepeatedly, stands } from "./send-blob.ts";
import type { BlobSlot } from "./target-memory.ts";
import { underClaim, type Walk } from "./walk.ts";

/** Sending this many bytes costs no more than asking whether they are there. */
const NOT_WORTH_ASKING_BYTES = 64 * 1024;
/** Sending this many anew costs more than any answer, even where most likely nothing stands. */
const ALWAYS_WORTH_ASKING_BYTES = 32 * 1024 * 1024;

/**
 * Brings one blob to the target repository: not at all if it stands there, by a mount if another repository of the
 * target holds it, else streamed from the source, verified on the way.
 *
 * The requests, cheapest first (peers.md: requests are the currency, and nobody needs a HEAD before an upload). The
 * upload is opened with a mount attempt, from the repository that is known to hold the blob, or else from the very
 * repository it is wanted in. 201: it is there, one request in all. 202: the answer is an upload session, and the bytes
 * go into it, two requests in all. A registry that ignores such mounts answers 202 although the blob stands there;
 * so until the first such 201 a large blob is asked for with HEAD before it is streamed (a very large one alone where the repository
 * has no tag, and so most likely no blob), and a registry that was caught is asked with HEAD from then on. The first blob streamed proves it one way or the other.
 *
 * @throws {CopyError}
 */
export async function copyBlob(blob: Descriptor, walk: Walk): Promise<void> {
  const claim = await walk.placements.claim(blob.digest, walk.target.name, {
    signal: walk.begin,
    mountable: true,
    sizeBytes: blob.size,
  });
  if (claim.kind === "placed") {
    walk.report({ skipped: blob.size });
    return;
  }
  const slotFor = { sizeBytes: blob.size, owner: walk, signal: walk.begin };
  await underClaim(claim, () =>
    walk.memory.blobSlots.hold(slotFor, (slot) => bringBlob(blob, claim, slot, walk)),
  );
}

async function bringBlob(
  blob: Descriptor,
  { mountFrom, upload: memory }: Extract<Claim, { kind: "bring" }>,
  slot: BlobSlot,
  walk: Walk,
): Promise<void> {
  // A mount from elsewhere says as much as a HEAD, and brings the blob as well.
  const from = mayMount(blob) ? mountFrom : undefined;
  const silent = walk.memory.mounts === "ignored" || !mayMount(blob);
  if (from === undefined && silent && (await stands(blob, walk))) {
    walk.report({ skipped: blob.size });
    return;
  }
  const wanted = from === undefined && !silent && memory?.begun === undefined && readsEarly(walk);
  const early = wanted && !inlineContent(blob) ? EarlyRead.begin(blob, walk) : undefined;
  try {
    const opened = await openWithMount(blob, from, memory, walk);
    if (opened.kind === "upload") {
      await sendRepeatedly({ blob, slot, walk, memory, early }, opened.upload);
      await probeMounts(blob, walk);
    }
  } finally {
    early?.drop();
  }
}

/** Most likely nothing stands there, and to wait until that is certain would cost more than a read that is given up. */
function readsEarly({ memory, target }: Walk): boolean {
  const look = memory.firstLooks.at(target);
  return look.empty && (look.distant || (memory.distant && memory.blobSlots.readsEarly()));
}

/** An open upload to stream into; or the blob is in place, and that is reported. */
async function openWithMount(
  blob: Descriptor,
  mountFrom: string | undefined,
  uploads: UploadMemory | undefined,
  walk: Walk,
): Promise<OpenedUpload> {
  const { memory, target } = walk;
  const itself = memory.mounts === "ignored" || !mayMount(blob) ? undefined : target.name;
  const from = mountFrom ?? itself;
  // What somebody began here before is gone on with, unless the blob can be mounted by now.
  const begun = mountFrom === undefined ? uploads?.begun : undefined;
  const opened = await openUpload(blob, walk, { mountFrom: from, begun });
  if (opened.kind === "upload" && opened.upload.received > 0) {
    return opened;
  }
  if (opened.kind === "mounted") {
    if (from === target.name) {
      memory.mounts = "honoured";
    }
    walk.report(from === target.name ? { skipped: blob.size } : { mounted: blob.size });
    return opened;
  }
  // 202: either the blob is not in `from`, or this registry does not mount. Large blobs are worth the question.
  const unlikely = memory.firstLooks.at(target).empty && blob.size < ALWAYS_WORTH_ASKING_BYTES;
  const told = from === target.name && (memory.mounts === "honoured" || unlikely);
  if (from !== undefined && !told && blob.size > NOT_WORTH_ASKING_BYTES && (await stands(blob, walk))) {
    if (from === target.name && memory.mounts !== "honoured") {
      memory.mounts = "ignored";
    }
    await opened.upload.cancel();
    walk.report({ skipped: blob.size });
    return { kind: "mounted" };
  }
  return opened;
}

/** Mounts a blob that was just streamed from where it is to where it is: the answer tells what 202 means here. */
async function probeMounts(blob: Descriptor, walk: Walk): Promise<void> {
  const { memory, target, signal } = walk;
  if (memory.mounts !== "unproven" || !mayMount(blob)) {
    return;
  }
  memory.mounts = "probing";
  try {
    const opened = await target.openUpload(blob, { signal, mountFrom: target.name });
    memory.mounts = opened.kind === "mounted" ? "honoured" : "ignored";
    if (opened.kind === "upload") {
      await opened.upload.cancel();
    }
  } catch {
    // A refusal is an answer as well; the blob itself is in place.
    signal.throwIfAborted();
    memory.mounts = "ignored";
  }
}

/** Sends a blob that the target says it lacks, whatever was believed of it before. */
export async function resendBlob(blob: Descriptor, named: boolean, walk: Walk): Promise<void> {
  const slotFor = { sizeBytes: blob.size, owner: walk, signal: walk.signal };
  await walk.memory.blobSlots.hold(slotFor, async (slot) => {
    // A target that names the digest is believed; its HEAD may come from the cache that lied before (T30).
    if (!named && (await stands(blob, walk))) {
      return;
    }
    const opened = await openUpload(blob, walk);
    if (opened.kind === "upload") {
      await sendRepeatedly({ blob, slot, walk, memory: undefined }, opened.upload);
    }
  });
}
