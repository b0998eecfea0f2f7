import { setTimeout as sleep } from "node:timers/promises";
import type { Descriptor } from "../registry/descriptor.ts";
import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import type { OpenedUpload, Upload } from "../registry/repository.ts";
import { asCopyError, CopyError, step } from "./errors.ts";
import { counted } from "./progress.ts";
import type { BlobSlot } from "./target-memory.ts";
import type { Passage } from "./throttle.ts";
import type { Walk } from "./walk.ts";

/** A broken upload cannot go on where it stopped (R3, R4, R6): the blob begins again, so often in all. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 250;
/** An upload that was opened before waiting so long may be gone at the target. */
const STALE_UPLOAD_MS = 60_000;

/** Opens an upload; with `mountFrom`, or there already: `mounted`. */
export async function openUpload(
  blob: Descriptor,
  mountFrom: string | undefined,
  walk: Walk,
): Promise<OpenedUpload> {
  const { target, signal } = walk;
  const open = { operation: "open-upload", side: "target", digest: blob.digest } as const;
  if (mountFrom !== undefined) {
    try {
      return await target.openUpload(blob, { signal, mountFrom });
    } catch (error) {
      // Some registries refuse a mount they do not want to do instead of answering 202 (T24).
      if (!(error instanceof RegistryError) || error.retryable) {
        throw asCopyError(open, error);
      }
    }
  }
  return step(open, () => target.openUpload(blob, { signal }));
}

/** Streams a blob into an open upload; when the upload breaks, asks whether it landed all the same, and begins again. */
export async function sendRepeatedly(
  blob: Descriptor,
  first: Upload,
  slot: BlobSlot,
  walk: Walk,
): Promise<void> {
  let upload = first;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sendInTurn(blob, upload, slot, walk);
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !worthRepeating(error)) {
        throw error;
      }
    }
    await pause(attempt, walk.begin);
    // The upload may have been completed and only its answer lost.
    if (await stands(blob, walk)) {
      walk.report({ copied: blob.size });
      return;
    }
    const opened = await openUpload(blob, undefined, walk);
    if (opened.kind === "mounted") {
      walk.report({ mounted: blob.size });
      return;
    }
    upload = opened.upload;
  }
}

async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1) * (0.75 + Math.random() / 2);
  await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** Waits for a place among the copies at both ends, and streams. */
async function sendInTurn(blob: Descriptor, opened: Upload, slot: BlobSlot, walk: Walk): Promise<void> {
  const copy = { sizeBytes: blob.size, owner: walk, signal: walk.begin };
  let passage: Passage;
  try {
    // Whoever waits for others leaves the slot to those that need not.
    passage = walk.throttle.tryEnter(copy) ?? (await slot.without(() => walk.throttle.enter(copy)));
  } catch (error) {
    await opened.cancel();
    throw error;
  }
  try {
    const upload = passage.waitedMs > STALE_UPLOAD_MS ? await openAnew(blob, opened, walk) : opened;
    if (upload) {
      await send(blob, upload, passage, walk);
    }
  } finally {
    passage.leave();
  }
}

async function openAnew(blob: Descriptor, stale: Upload, walk: Walk): Promise<Upload | null> {
  await stale.cancel();
  const opened = await openUpload(blob, undefined, walk);
  if (opened.kind === "upload") {
    return opened.upload;
  }
  walk.report({ mounted: blob.size });
  return null;
}

async function send(blob: Descriptor, upload: Upload, passage: Passage, walk: Walk): Promise<void> {
  let sent = 0;
  const onBytes = (bytes: number): void => {
    sent += bytes;
    walk.report({ copied: bytes });
  };
  let broken: unknown;
  try {
    const content = await walk.source.fetchBlob(blob, { signal: walk.signal }).catch((error: unknown) => {
      broken = asCopyError({ operation: "fetch-blob", side: "source", digest: blob.digest }, error);
      throw broken;
    });
    const watched = async function* () {
      try {
        yield* content;
      } catch (error) {
        broken = asCopyError({ operation: "fetch-blob", side: "source", digest: blob.digest }, error);
        throw broken;
      }
    };
    await upload.send(counted(watched(), passage, onBytes, walk.signal));
  } catch (error) {
    walk.report({ copied: -sent });
    await upload.cancel();
    walk.signal.throwIfAborted();
    // When the source broke, the target's upload broke with it: the source is to blame.
    throw broken ?? asCopyError({ operation: "push-blob", side: "target", digest: blob.digest }, error);
  }
}

function worthRepeating(error: unknown): boolean {
  if (!(error instanceof CopyError)) {
    return false;
  }
  const { cause, side } = error;
  if (cause instanceof ContentError) {
    return true;
  }
  // A read that broke has gone on by Range as often as makes sense: its budget is used up.
  if (side === "source") {
    return false;
  }
  if (cause instanceof TransportError) {
    return cause.retryable;
  }
  // Too large is too large each time.
  return cause.retryable || (RESTART_CODES.has(cause.code) && cause.status !== 413);
}

/** The session is gone, or other bytes arrived than were sent. */
const RESTART_CODES: ReadonlySet<string> = new Set([
  "BLOB_UPLOAD_INVALID",
  "BLOB_UPLOAD_UNKNOWN",
  "DIGEST_INVALID",
  "RANGE_INVALID",
  "SIZE_INVALID",
]);

/** Whether the target has it: HEAD. */
export function stands(blob: Descriptor, { target, signal }: Walk): Promise<boolean> {
  return step({ operation: "head-blob", side: "target", digest: blob.digest }, () =>
    target.hasBlob(blob, { signal }),
  );
}
