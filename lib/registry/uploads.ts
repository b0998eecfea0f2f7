import { type BlobRequest, hasBlob } from "./blobs.ts";
import { parseDigest } from "./digest.ts";
import { ContentError, RegistryError, TransportError } from "./errors.ts";
import { type Answer, bareUrl } from "./exchange.ts";
import type { Content, OpenedUpload, Upload } from "./repository.ts";

const CANCEL_MS = 5_000;

/**
 * Opens an upload: POST. With `mountFrom`, the registry is asked to take the blob from another of its repositories.
 * A registry that does not want to mount, or whose other repository we may not read, gets the bytes (T24).
 * OCI distribution-spec v1.1.1, "Pushing a blob monolithically" (end-4a), "Mounting a blob" (end-11).
 *
 * @throws {TransportError} REDIRECT_REFUSED when the upload is to go to another origin
 */
export async function openUpload(request: BlobRequest, mountFrom: string | undefined): Promise<OpenedUpload> {
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

async function start(request: BlobRequest, mountFrom: string | undefined): Promise<OpenedUpload> {
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
      return { kind: "upload", upload: new RemoteUpload(request, location(answer, request)) };
    },
  );
}

/** Where the bytes go: absolute or relative to where the answer came from (T23), on the registry's own origin. */
function location(answer: Answer, { transport }: BlobRequest): URL {
  const header = answer.headers.get("location");
  if (header === undefined) {
    throw new RegistryError({
      code: "BLOB_UPLOAD_INVALID",
      status: answer.status,
      method: "POST",
      url: bareUrl(answer.url),
      detail: "the registry opened an upload without a Location",
    });
  }
  return transport.ownUrl(header, answer.url, "POST");
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
  readonly #request: BlobRequest;
  readonly #location: URL;

  constructor(request: BlobRequest, at: URL) {
    this.#request = request;
    this.#location = at;
  }

  /**
   * One PUT with the whole blob. When its answer is lost the registry is asked whether it has the blob (FT06).
   * OCI distribution-spec v1.1.1, "Pushing a blob monolithically" (end-6).
   */
  async send(content: Content): Promise<void> {
    const { transport, repository, blob, signal } = this.#request;
    let sent = 0;
    const iterator = content[Symbol.asyncIterator]();
    const counted = counting(iterator, (bytes) => {
      sent += bytes;
    });
    try {
      await transport.call(
        {
          method: "PUT",
          to: this.#completing(),
          scopes: [`repository:${repository}:pull,push`],
          headers: { "content-type": "application/octet-stream", "content-length": String(blob.size) },
          body: blob.size === 0 ? await empty(counted) : counted,
          headersTimeoutMs: transport.patience.commitMs,
          expect: [200, 201, 202, 204],
          signal,
        },
        async (answer) => {
          refusePart(answer);
          compareStored(answer, this.#request);
        },
      );
    } catch (error) {
      // A request that never started has not touched the content.
      await iterator.return?.();
      const lost = error instanceof TransportError && error.retryable && sent === blob.size;
      if (!lost || !(await hasBlob(this.#request).catch(() => false))) {
        throw error;
      }
    }
  }

  async cancel(): Promise<void> {
    const { transport, repository } = this.#request;
    await transport
      .call(
        {
          method: "DELETE",
          to: this.#location,
          scopes: [`repository:${repository}:pull,push`],
          expect: [200, 202, 204, 404, 405],
          retries: 0,
          // The copy's own signal may be what ended the upload.
          signal: AbortSignal.timeout(CANCEL_MS),
        },
        async () => undefined,
      )
      .catch(() => undefined);
  }

  /** The Location with the digest added; its own query stays as it came, byte for byte (T23). */
  #completing(): URL {
    const url = new URL(this.#location);
    url.search = `${url.search === "" ? "?" : `${url.search}&`}digest=${encodeURIComponent(this.#request.blob.digest)}`;
    return url;
  }
}

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
