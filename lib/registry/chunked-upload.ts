import { bareUrl } from "./address.ts";
import { ChunkReader, pieces } from "./chunk-reader.ts";
import { NEAR_MS } from "./distance.ts";
import { RegistryError, type TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { Content, UploadState } from "./repository.ts";
import { isRetryable } from "./retry.ts";
import { isTooLarge, type UploadHabits } from "./upload-habits.ts";
import { receivedIn, type UploadSession } from "./upload-session.ts";

/** Times that one chunk may break off. */
const MOST_BREAKS = 4;
/** So often a registry may take less of a chunk than it was sent: whoever takes a byte at a time would never come to an end. */
const MOST_PIECES = 32;

/** How an upload goes in chunks. */
export interface Chunking {
  habits: UploadHabits;
  /** Each chunk is gathered here before any of it is sent. */
  memory: Uint8Array;
  onKept: ((state: UploadState) => void) | undefined;
}

/**
 * Sends what is missing of a blob in chunks; the upload is then to be completed.
 *
 * A chunk is gathered first and sent at one go: CNCF Distribution forgets an upload whose sender breaks off within a chunk (R4),
 * so the less time there is within one the better, and what is at hand can be sent again without asking the source. Where a
 * lot passes in a moment a failure costs no more than that moment, and each chunk a registry's disk: there they are as large as
 * what passes in two seconds, and are not gathered. What is refused for its size goes in smaller requests from then on.
 * OCI distribution-spec v1.1.1, "Pushing a blob in chunks" (end-5).
 *
 * @returns the content from its beginning, when the registry takes no chunks at all: nothing of it was accepted
 * @throws {RegistryError} BLOB_UPLOAD_UNKNOWN, BLOB_UPLOAD_INVALID when the session is gone
 */
export async function sendChunks(
  session: UploadSession,
  content: Content,
  { habits, memory, onKept }: Chunking,
): Promise<Content | undefined> {
  const reader = new ChunkReader(content, memory, session.leastChunkBytes);
  const pace = new Pace(habits.sizes.runsFromBytesPerS);
  try {
    for (let chunk = await reader.next(firstBytes(session)); chunk; ) {
      const first = session.received === 0;
      const run = runLength(pace, habits, session);
      // A run takes what follows by itself.
      const next = run > chunk.byteLength ? undefined : reader.next();
      // Whether it failed is of interest once this chunk has gone.
      next?.catch(() => undefined);
      try {
        await (next ? sendChunk(session, chunk, habits) : sendRun(session, reader.run(chunk, run), run));
      } catch (error) {
        if (first && error instanceof RegistryError && habits.refuses(error.status, isLost(error))) {
          return reader.rest(chunk, await next);
        }
        if (!next && isTooLarge(error)) {
          habits.tooLarge(run);
        }
        throw error;
      }
      habits.taken();
      onKept?.(session.state);
      // After a run most likely another one: as long as more than its beginning is gathered, neither end has anything to do.
      chunk = await (next ?? reader.beginning());
      pace.passed(session.received);
    }
    return undefined;
  } catch (error) {
    // The content may be waiting for its source: nobody waits for it.
    reader.close().catch(() => undefined);
    throw error;
  }
}

/** By the first chunk it is seen how fast the content passes: the sooner the better, where one answer more to wait for takes no time. */
const FIRST_NEAR_BYTES = 2 * 1024 * 1024;

function firstBytes({ request: { transport } }: UploadSession): number {
  return (transport.quickestMs ?? Number.POSITIVE_INFINITY) <= NEAR_MS
    ? FIRST_NEAR_BYTES
    : Number.POSITIVE_INFINITY;
}

const RUN_MS = 2_000;

/** How fast the content passes from the source into the target. */
class Pace {
  readonly #fastBytesPerMs: number;
  #atMs = performance.now();
  #received = 0;
  #latest = 0;
  /** The first chunk counts by itself. */
  #before = Number.POSITIVE_INFINITY;

  constructor(fastBytesPerS: number) {
    this.#fastBytesPerMs = fastBytesPerS / 1000;
  }

  /** From the last time on it took until now until the registry had so many bytes. */
  passed(received: number): void {
    const nowMs = performance.now();
    this.#before = this.#latest || this.#before;
    this.#latest = (received - this.#received) / Math.max(1, nowMs - this.#atMs);
    this.#received = received;
    this.#atMs = nowMs;
  }

  /** How many bytes pass in two seconds, where that is worth a run; else 0. */
  get runBytes(): number {
    const bytesPerMs = Math.min(this.#latest, this.#before);
    return bytesPerMs >= this.#fastBytesPerMs ? Math.floor(bytesPerMs * RUN_MS) : 0;
  }
}

/** Bytes of a chunk that is not gathered; 0: the next one is. */
function runLength(pace: Pace, { mostBytes }: UploadHabits, { request, received }: UploadSession): number {
  // Where requests are refused for their size there are no large chunks.
  return mostBytes === Number.POSITIVE_INFINITY ? Math.min(pace.runBytes, request.blob.size - received) : 0;
}

/** What is not at hand any more cannot be sent again: whoever goes on reads it anew. */
async function sendRun(session: UploadSession, content: Content, length: number): Promise<void> {
  const end = session.received + length;
  await patch(session, content, length);
  if (session.received !== end) {
    throw misplaced(session);
  }
}

/** One chunk, gone on with from where the registry says when it breaks off. */
async function sendChunk(session: UploadSession, chunk: Uint8Array, habits: UploadHabits): Promise<void> {
  const { transport, signal } = session.request;
  const start = session.received;
  const end = start + chunk.byteLength;
  for (let breaks = 0, short = 0; session.received < end; ) {
    const at = session.received - start;
    const piece = chunk.subarray(at, Math.min(at + habits.mostBytes, chunk.byteLength));
    try {
      await patch(session, pieces(piece), piece.byteLength);
      short += session.received < start + at + piece.byteLength ? 1 : 0;
    } catch (error) {
      signal?.throwIfAborted();
      const smaller = isTooLarge(error) && habits.tooLarge(piece.byteLength);
      breaks += smaller ? 0 : 1;
      if (!smaller && (breaks > MOST_BREAKS || !brokeOff(error))) {
        throw error;
      }
      await (smaller ? undefined : transport.retries.pauseAfter(error, breaks, signal));
      await session.askReceived();
    }
    if (short === MOST_PIECES) {
      throw misplaced(session);
    }
    if (session.received < start || session.received > end) {
      throw misplaced(session);
    }
  }
}

/** Whether this is how a chunk fails that may be sent again, from where the registry says. */
export function brokeOff(error: unknown): error is RegistryError | TransportError {
  // 401: the token ran out, and there is another one by now. 409: it still works at what broke off. 416: we disagree on where that was.
  return isRetryable(error) || (error instanceof RegistryError && [401, 409, 416].includes(error.status));
}

async function patch(session: UploadSession, body: Content, length: number): Promise<void> {
  const { transport, repository, signal } = session.request;
  const { received: start } = session;
  const end = start + length;
  await transport.call(
    {
      method: "PATCH",
      to: session.location,
      scopes: [`repository:${repository}:pull,push`],
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(length),
        "content-range": `${start}-${end - 1}`,
      },
      // A stream is never sent twice unasked, and where it stands still is noticed.
      body,
      headersTimeoutMs: transport.patience.commitMs,
      expect: [200, 201, 202, 204],
      signal,
    },
    async (answer) => {
      session.follow(answer, "PATCH");
      session.received = taken(answer, start, end);
    },
  );
}

/** A registry whose Range stands still has taken the chunk all the same (T25): the digest would tell. */
function taken(answer: Answer, start: number, end: number): number {
  const received = receivedIn(answer) ?? end;
  return received > start && received < end ? received : end;
}

function isLost({ code }: RegistryError): boolean {
  return code === "BLOB_UPLOAD_UNKNOWN" || code === "BLOB_UPLOAD_INVALID";
}

function misplaced({ location, received }: UploadSession): RegistryError {
  const detail = `the registry says that it has ${received} bytes, which is not within what was sent last`;
  return new RegistryError({
    ...{ code: "RANGE_INVALID", status: 416, method: "GET", url: bareUrl(location), detail },
  });
}
