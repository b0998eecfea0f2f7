import { type BlobRequest, hasBlob } from "./blobs.ts";
import { chunkMemory } from "./chunk-memory.ts";
import { sendChunks } from "./chunked-upload.ts";
import { parseDigest } from "./digest.ts";
import { ContentError, RegistryError, TransportError } from "./errors.ts";
import { type Answer, bareUrl } from "./exchange.ts";
import type { Content, OpenedUpload, Upload, UploadState } from "./repository.ts";
import type { UploadHabits } from "./upload-habits.ts";
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
  if (mountFrom !== undefined) {
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

/** 202 to the request that was to complete the upload: less has arrived than was sent (FT03). */
function refusePart({ status, headers, url }: Answer): void {
  if (status === 202) {
    throw new RegistryError({
      ...{ code: "BLOB_UPLOAD_INVALID", status, method: "PUT", url: bareUrl(url) },
      detail: `the registry has only the bytes ${(headers.get("range") ?? "it does not say").slice(0, 40)}`,
    });
  }
}

function compareStored(answer: Answer, { blob }: BlobRequest): void {
  const stated = answer.headers.get("docker-content-digest");
  const differs = stated !== undefined && stated !== blob.digest;
  if (differs && parseDigest(stated)?.algorithm === parseDigest(blob.digest)?.algorithm) {
    throw new ContentError("DIGEST_MISMATCH", blob.digest, stated);
  }
}

class RemoteUpload implements Upload {
  readonly #session: UploadSession;
  readonly #habits: UploadHabits;

  constructor(session: UploadSession, habits: UploadHabits) {
    this.#session = session;
    this.#habits = habits;
  }

  get received(): number {
    return this.#session.received;
  }

  async send(content: Content, onKept?: (state: UploadState) => void): Promise<void> {
    const session = this.#session;
    const { blob } = session.request;
    const wanted = this.received > 0 || this.#habits.chunked(blob.size);
    const room = wanted
      ? chunkMemory.take(this.#habits.sizes.chunkBytes, session.leastChunkBytes)
      : undefined;
    if (!room) {
      return complete(session, content);
    }
    try {
      const memory = room.bytes;
      const unsent = await sendChunks(session, content, { habits: this.#habits, memory, onKept });
      await (unsent ? this.#sendAnew(unsent) : this.#completeChunks());
    } finally {
      room.release();
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
    await request.transport
      .call(
        {
          method: "DELETE",
          to: location,
          scopes: [`repository:${request.repository}:pull,push`],
          expect: [200, 202, 204, 404, 405],
          retries: 0,
          // The copy's own signal may be what ended the upload.
          signal: AbortSignal.timeout(CANCEL_MS),
        },
        async () => undefined,
      )
      .catch(() => undefined);
  }
}

const SPOILED: ReadonlySet<string> = new Set(["DIGEST_INVALID", "SIZE_INVALID"]);

/**
 * One PUT with all that is missing, which completes the upload. When its answer is lost the registry is asked whether it has
 * the blob (FT06).
 * OCI distribution-spec v1.1.1, "Pushing a blob monolithically" (end-6).
 */
async function complete(session: UploadSession, content: Content): Promise<void> {
  const { transport, repository, blob, signal } = session.request;
  const missing = blob.size - session.received;
  let sent = 0;
  const iterator = content[Symbol.asyncIterator]();
  const counted = counting(iterator, (bytes) => {
    sent += bytes;
  });
  const range: Record<string, string> =
    missing > 0 && session.received > 0 ? { "content-range": `${session.received}-${blob.size - 1}` } : {};
  try {
    await transport.call(
      {
        method: "PUT",
        to: session.completing,
        scopes: [`repository:${repository}:pull,push`],
        headers: {
          "content-type": "application/octet-stream",
          "content-length": String(missing),
          ...range,
        },
        body: missing === 0 ? await empty(counted) : counted,
        headersTimeoutMs: transport.patience.commitMs,
        expect: [200, 201, 202, 204],
        signal,
      },
      async (answer) => {
        refusePart(answer);
        compareStored(answer, session.request);
      },
      async () => ((await hasBlob(session.request)) ? { result: undefined } : null),
    );
  } catch (error) {
    // A request that never started has not touched the content.
    await iterator.return?.();
    const lost = error instanceof TransportError && error.retryable && sent === missing;
    if (!lost || !(await hasBlob(session.request).catch(() => false))) {
      throw error;
    }
  }
}
async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The same content, telling how much of it was taken. */
function counting(
  content: AsyncIterator<Uint8Array>,
  took: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      const result = await content.next();
      if (!result.done) {
        took(result.value.byteLength);
      }
      return result;
    },
    return: async () => (await content.return?.()) ?? { done: true, value: undefined },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** An empty blob is sent without a body, which makes a real `Content-Length: 0` (T28). */
async function empty(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const chunk of content) {
    void chunk;
  }
  return new Uint8Array(0);
}
