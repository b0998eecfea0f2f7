import { setTimeout as sleep } from "node:timers/promises";
import { brokeOff } from "../registry/chunked-upload.ts";
import type { Descriptor } from "../registry/descriptor.ts";
import { ContentError, RegistryError, TransportError } from "../registry/errors.ts";
import { inlineContent } from "../registry/inline-content.ts";
import type { Content, OpenedUpload, Upload, UploadState } from "../registry/repository.ts";
import { type EarlyRead, giveUp } from "./early-read.ts";
import { asCopyError, CopyError, step } from "./errors.ts";
import type { UploadMemory } from "./placements.ts";
import { counted } from "./progress.ts";
import type { BlobSlot } from "./target-memory.ts";
import { type Passage, PlaceLost } from "./throttle.ts";
import type { Walk } from "./walk.ts";

/** So often in all a blob is sent: from where its upload can be gone on with, or else (R3, R4, R6) from its beginning. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 250;
/** An upload that was opened before waiting so long may be gone at the target. */
const STALE_UPLOAD_MS = 60_000;

/** A blob on its way into the target. */
export interface Flight {
  readonly blob: Descriptor;
  readonly slot: BlobSlot;
  readonly walk: Walk;
  /** Where its upload is remembered for others; without, nobody goes on with it after this flight. */
  readonly memory: UploadMemory | undefined;
  /** For the first attempt. */
  readonly early?: EarlyRead | undefined;
}

/** Opens an upload, or one that was begun once more; with `mountFrom`, or there already: `mounted`. */
export async function openUpload(
  blob: Descriptor,
  walk: Walk,
  { mountFrom, begun }: { mountFrom?: string | undefined; begun?: UploadState | undefined } = {},
): Promise<OpenedUpload> {
  const { target, signal } = walk;
  const open = { operation: "open-upload", side: "target", digest: blob.digest } as const;
  if (mountFrom !== undefined) {
    try {
      return await target.openUpload(blob, { signal, mountFrom, begun });
    } catch (error) {
      // Some registries refuse a mount they do not want to do instead of answering 202 (T24).
      if (!(error instanceof RegistryError) || error.retryable) {
        throw asCopyError(open, error);
      }
    }
  }
  return step(open, () => target.openUpload(blob, { signal, begun }));
}

/**
 * Streams a blob into an open upload. When the upload breaks, asks whether it landed all the same, and goes on where that is
 * possible, or begins again.
 */
export async function sendRepeatedly(flight: Flight, first: Upload): Promise<void> {
  const { blob, walk, memory } = flight;
  // An upload that was begun before was remembered.
  const sending: Sending = { upload: first, kept: first.received > 0 ? memory?.begun : undefined };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sendInTurn(flight, sending);
      return;
    } catch (error) {
      const smaller = sending.upload.tooMuchAtOnce === true;
      const repeated = attempt < ATTEMPTS && (smaller || worthRepeating(error));
      if (sending.kept && !((smaller || mayGoOn(error, walk)) && (repeated || memory?.wantedAfter(error)))) {
        sending.kept = undefined;
        memory?.keep(null);
      }
      if (!sending.kept) {
        await sending.upload.cancel();
      }
      walk.signal.throwIfAborted();
      if (!repeated) {
        throw error;
      }
    }
    await pause(attempt, walk.begin);
    // The upload may have been completed and only its answer lost.
    if (await stands(blob, walk)) {
      walk.report({ copied: blob.size });
      return;
    }
    const opened = await openUpload(blob, walk, { begun: sending.kept });
    if (opened.kind === "mounted") {
      walk.report({ mounted: blob.size });
      return;
    }
    sending.upload = opened.upload;
  }
}

/** The upload that is open now, and what is known of it that one could go on with. */
interface Sending {
  upload: Upload;
  kept: UploadState | undefined;
}

async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1) * (0.75 + Math.random() / 2);
  await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** Waits for a place among the copies at both ends, and streams. */
async function sendInTurn(flight: Flight, sending: Sending): Promise<void> {
  const { blob, slot, walk, memory } = flight;
  const copy = { sizeBytes: blob.size, owner: walk, signal: walk.begin };
  // Whoever waits for others leaves the slot to those that need not.
  const early = flight.early?.take();
  const passage: Passage =
    early?.passage ?? walk.throttle.tryEnter(copy) ?? (await slot.without(() => walk.throttle.enter(copy)));
  try {
    if (passage.waitedMs <= STALE_UPLOAD_MS || (await openAnew(flight, sending))) {
      await send({ blob, walk, passage, content: early?.content }, sending.upload, (state) => {
        sending.kept = state;
        memory?.keep(state);
      });
    }
  } finally {
    passage.leave();
  }
}

/** @returns false when the blob has come into its place meanwhile */
async function openAnew({ blob, walk }: Flight, sending: Sending): Promise<boolean> {
  if (!sending.kept) {
    await sending.upload.cancel();
  }
  const opened = await openUpload(blob, walk, { begun: sending.kept });
  if (opened.kind === "upload") {
    sending.upload = opened.upload;
    return true;
  }
  walk.report({ mounted: blob.size });
  return false;
}

interface Sendable extends Pick<Flight, "blob" | "walk"> {
  readonly passage: Passage;
  /** Where it was asked for before. */
  readonly content: Promise<Content> | undefined;
}

async function send(
  { blob, walk, passage, content: early }: Sendable,
  upload: Upload,
  onKept: (state: UploadState) => void,
): Promise<void> {
  let sent = upload.received;
  walk.report({ copied: sent });
  const onBytes = (bytes: number): void => {
    sent += bytes;
    walk.report({ copied: bytes });
  };
  let broken: unknown;
  const blame = (error: unknown): never => {
    broken = asCopyError({ operation: "fetch-blob", side: "source", digest: blob.digest }, error);
    throw broken;
  };
  let content: Content | undefined;
  try {
    content = await (early ?? missingOf(blob, upload, walk)).catch(blame);
    await upload.send(counted(blaming(content, blame), passage, onBytes, walk.signal), onKept);
  } catch (error) {
    walk.report({ copied: -sent });
    walk.signal.throwIfAborted();
    // When the source broke, the target's upload broke with it: the source is to blame.
    throw broken ?? asCopyError({ operation: "push-blob", side: "target", digest: blob.digest }, error);
  } finally {
    // A request that never began, such as to a target that cannot be dialled any more, has not touched it.
    if (content) {
      giveUp(content);
    }
  }
}

/** The same content, whose failures are told from those of whoever it is sent to. */
async function* blaming(content: Content, blame: (error: unknown) => never): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    blame(error);
  }
}

/** What the registry has not got yet. */
async function missingOf(blob: Descriptor, { received }: Upload, { source, signal }: Walk): Promise<Content> {
  if (received > 0 && received === blob.size) {
    return (async function* () {})();
  }
  const inline = received === 0 ? inlineContent(blob) : null;
  return inline
    ? (async function* () {
        yield inline;
      })()
    : source.fetchBlob(blob, { signal, from: received });
}

/** Whether the chunks that were taken are right, and the upload most likely still there. */
function mayGoOn(error: unknown, { signal }: Walk): boolean {
  if (signal.aborted || error instanceof PlaceLost) {
    return true;
  }
  if (!(error instanceof CopyError) || error.cause instanceof ContentError) {
    return false;
  }
  return error.side === "source" || brokeOff(error.cause);
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
  // The token ran out within a chunk: there is another one by now.
  if (cause.status === 401 && cause.method === "PATCH") {
    return true;
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
