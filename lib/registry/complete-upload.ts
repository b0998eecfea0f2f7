import { bareUrl } from "./address.ts";
import { type BlobRequest, hasBlob } from "./blobs.ts";
import { parseDigest } from "./digest.ts";
import { ContentError, RegistryError, TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { Content } from "./repository.ts";
import type { UploadSession } from "./upload-session.ts";

/**
 * One PUT with all that is missing, which completes the upload. When its answer is lost the registry is asked whether it has
 * the blob (FT06).
 * OCI distribution-spec v1.1.1, "Pushing a blob monolithically" (end-6).
 */
export async function complete(session: UploadSession, content: Content): Promise<void> {
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

/** 202 to the request that was to complete the upload: less has arrived than was sent (FT03). */
function refusePart({ status, headers, url }: Answer): void {
  if (status === 202) {
    throw new RegistryError({
      ...{ code: "BLOB_UPLOAD_INVALID", status, method: "PUT", url: bareUrl(url) },
      detail: `the registry has only the bytes ${(headers.get("range") ?? "it does not say").slice(0, 40)}`,
    });
  }
}

/** What an answer says that was stored. @throws {ContentError} DIGEST_MISMATCH when that is another blob */
export function compareStored(answer: Answer, { blob }: BlobRequest): void {
  const stated = answer.headers.get("docker-content-digest");
  const differs = stated !== undefined && stated !== blob.digest;
  if (differs && parseDigest(stated)?.algorithm === parseDigest(blob.digest)?.algorithm) {
    throw new ContentError("DIGEST_MISMATCH", blob.digest, stated);
  }
}
