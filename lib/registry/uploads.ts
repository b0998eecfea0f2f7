import type { BlobRequest } from "./blobs.ts";
import { type ChunkRoom, chunkMemory } from "./chunk-memory.ts";
import { sendChunks } from "./chunked-upload.ts";
import { compareStored, complete } from "./complete-upload.ts";
import type { Descriptor } from "./descriptor.ts";
import { parseDigest } from "./digest.ts";
import { ContentError, RegistryError } from "./errors.ts";
import type { Content, OpenedUpload, Upload, UploadState } from "./repository.ts";
import type { Transport } from "./transport.ts";
import { isTooLarge, type UploadHabits } from "./upload-habits.ts";
import { resumedSession, UploadSession } from "./upload-session.ts";

const CANCEL_MS = 5_000;

export interface UploadRequest extends BlobRequest {
  habits: UploadHabits;
}

/**
 * Opens an upload: POST. With `mountFrom`, the registry is asked to take the blob from another of its repositories.
 * A registry that does not want to mount, or whose other repository we may not read, gets the bytes (T24). With `begun`, an
 * upload that is still there is gone on with.
 * OCI distribution-spec v1.1.1, "Pushing a blob monolithically" (end-4a), "Mounting a blob" (end-11).
 *
 * @throws {TransportError} REDIRECT_REFUSED when the upload is to go to another origin
 */
export async function openUpload(
  request: UploadRequest,
  { mountFrom, begun }: { mountFrom?: string | undefined; begun?: UploadState | undefined },
): Promise<OpenedUpload> {
  const resumed = begun && (await resumedSession(request, begun));
  if (resumed) {
    return { kind: "upload", upload: new RemoteUpload(resumed, request.habits) };
  }
  if (mountFrom !== undefined && mayMount(request.blob)) {
    try {
      return await start(request, mountFrom);
    } catch (error) {
      if (!(error instanceof RegistryError) || ![400, 401, 403, 404, 405].includes(error.status)) {
        throw error;
      }
    }
  }
  return start(request, undefined);
}

/**
 * CNCF Distribution 2.8.3 answers 201 to the mount of a blob that is named by another algorithm than sha256, links it to nothing,
 * and by that loses it where it stood, too, when it is mounted from the very repository: such a blob is never mounted.
 */
export function mayMount({ digest }: Pick<Descriptor, "digest">): boolean {
  return parseDigest(digest)?.algorithm === "sha256";
}

async function start(request: UploadRequest, mountFrom: string | undefined): Promise<OpenedUpload> {
  const { transport, repository, blob, signal } = request;
  const algorithm = parseDigest(blob.digest)?.algorithm ?? "sha256";
  const query = new URLSearchParams(mountFrom === undefined ? {} : { mount: blob.digest, from: mountFrom });
  if (mountFrom === undefined && algorithm !== "sha256") {
    query.set("digest-algorithm", algorithm);
  }
  return transport.call(
    {
      method: "POST",
      to: `/v2/${repository}/blobs/uploads/${query.size > 0 ? `?${query}` : ""}`,
      scopes: [
        `repository:${repository}:pull,push`,
        // Both in one token, or the registry will not mount (T19).
        ...(mountFrom === undefined || mountFrom === repository ? [] : [`repository:${mountFrom}:pull`]),
      ],
      expect: mountFrom === undefined ? [202] : [201, 202],
      signal,
    },
    async (answer): Promise<OpenedUpload> => {
      if (answer.status === 201) {
        compareStored(answer, request);
        return { kind: "mounted" };
      }
      const session = UploadSession.opened(request, answer);
      return { kind: "upload", upload: new RemoteUpload(session, request.habits) };
    },
  );
}

class RemoteUpload implements Upload {
  readonly #session: UploadSession;
  readonly #habits: UploadHabits;
  tooMuchAtOnce = false;

  constructor(session: UploadSession, habits: UploadHabits) {
    this.#session = session;
    this.#habits = habits;
  }

  get received(): number {
    return this.#session.received;
  }

  async send(content: Content, onKept?: (state: UploadState) => void): Promise<void> {
    const before = this.#habits.mostBytes;
    const room = this.#room();
    try {
      if (!room) {
        return await this.#sendAsOne(content);
      }
      const chunking = { habits: this.#habits, memory: room.bytes, onKept };
      const unsent = await sendChunks(this.#session, content, chunking);
      await (unsent ? this.#sendAnew(unsent) : this.#completeChunks());
    } catch (error) {
      this.tooMuchAtOnce = isTooLarge(error) && this.#habits.mostBytes < before;
      throw error;
    } finally {
      room?.release();
    }
  }

  /** For chunks; undefined: what is missing goes as one. */
  #room(): ChunkRoom | undefined {
    const { request, received, leastChunkBytes } = this.#session;
    const { size } = request.blob;
    const habits = this.#habits;
    const wanted = Math.min(habits.sizes.chunkBytes, habits.mostBytes);
    if (habits.tooLargeAsOne(size - received)) {
      return chunkMemory.takeSurely(wanted, leastChunkBytes);
    }
    return received > 0 || habits.chunked(size) ? chunkMemory.take(wanted, leastChunkBytes) : undefined;
  }

  async #sendAsOne(content: Content): Promise<void> {
    const missing = this.#session.request.blob.size - this.received;
    try {
      await complete(this.#session, content);
    } catch (error) {
      if (isTooLarge(error)) {
        this.#habits.tooLarge(missing);
      }
      throw error;
    }
  }

  /** No chunks here: the same content as one PUT, into another upload, since this one may be gone. */
  async #sendAnew(content: Content): Promise<void> {
    await this.cancel();
    const { request } = this.#session;
    const opened = await start({ ...request, habits: this.#habits }, undefined);
    if (opened.kind === "upload") {
      await opened.upload.send(content);
    }
  }

  async #completeChunks(): Promise<void> {
    try {
      await complete(this.#session, nothing());
    } catch (error) {
      // What was sent was right as far as we could see: this registry puts chunks together in another way.
      if (error instanceof ContentError || (error instanceof RegistryError && SPOILED.has(error.code))) {
        this.#habits.refused();
      }
      throw error;
    }
  }

  async cancel(): Promise<void> {
    const { request, location } = this.#session;
    await cancelUpload(request.transport, request.repository, location.href);
  }
}

/** DELETE of an upload session at this registry. Never throws, and sends nothing to where another one may be. */
export async function cancelUpload(transport: Transport, repository: string, url: string): Promise<void> {
  try {
    await transport.call(
      {
        method: "DELETE",
        to: transport.ownUrl(url, transport.origin, "DELETE"),
        scopes: [`repository:${repository}:pull,push`],
        expect: [200, 202, 204, 404, 405],
        retries: 0,
        // The copy's own signal may be what ended the upload.
        signal: AbortSignal.timeout(CANCEL_MS),
      },
      async () => undefined,
    );
  } catch {
    // The registry clears up what nobody gives back, sooner or later.
  }
}

const SPOILED: ReadonlySet<string> = new Set(["DIGEST_INVALID", "SIZE_INVALID"]);

async function* nothing(): AsyncGenerator<Uint8Array> {}
