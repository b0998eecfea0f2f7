import { BlobContent } from "./blob-content.ts";
import type { Descriptor } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import { RegistryError } from "./errors.ts";
import type { Content, RequestOptions } from "./repository.ts";
import type { Transport } from "./transport.ts";
import { Verifier } from "./verify.ts";

export interface BlobRequest extends RequestOptions {
  transport: Transport;
  repository: string;
  blob: Descriptor;
}

/**
 * HEAD of a blob.
 * OCI distribution-spec v1.1.1, "Checking if content exists in the registry" (end-2).
 */
export async function hasBlob({ transport, repository, blob, signal }: BlobRequest): Promise<boolean> {
  return transport.call(
    {
      method: "HEAD",
      to: blobPath(repository, blob),
      scopes: [`repository:${repository}:pull`],
      expect: [200, 404],
      signal,
    },
    async ({ status, headers }) => {
      const length = headers.get("content-length");
      // A registry that holds something of another size under this name does not hold this blob.
      return status === 200 && (length === undefined || Number(length) === blob.size);
    },
  );
}

/**
 * Streams a blob and verifies it on the way: the last chunk is handed out only when digest and size are right. A read
 * that breaks goes on where it ended, by Range. `from`: what comes before is passed over; then the length alone can be verified.
 * OCI distribution-spec v1.1.1, "Pulling blobs" (end-2).
 *
 * @throws {ContentError} SIZE_MISMATCH, DIGEST_MISMATCH, here or while the content is read
 * @throws {RegistryError} BLOB_UNKNOWN
 */
export async function fetchBlob(
  { transport, repository, blob, signal }: BlobRequest,
  begin = 0,
): Promise<Content> {
  const path = blobPath(repository, blob);
  const open = (from: number) =>
    transport.open({
      method: "GET",
      to: path,
      scopes: [`repository:${repository}:pull`],
      headers: {
        // Without it a proxy may compress on the way, and the digest is that of other bytes (T28).
        "accept-encoding": "identity",
        ...(from > 0 ? { range: `bytes=${from}-` } : {}),
      },
      expect: from > 0 ? [200, 206] : [200],
      signal,
    });
  const verifier = new Verifier(blob, begin);
  const backoffMs = (retry: number) => transport.retries.backoffMs(retry);
  return new BlobContent({ blob, signal, open, backoffMs }, verifier, await open(begin));
}

/** @throws {RegistryError} DIGEST_INVALID without asking: what breaks the grammar must not become part of a URL */
function blobPath(repository: string, blob: Descriptor): string {
  const path = `/v2/${repository}/blobs/`;
  if (!isDigest(blob.digest)) {
    const detail = "not asked: no digest that can be verified";
    throw new RegistryError({ code: "DIGEST_INVALID", status: 400, method: "GET", url: path, detail });
  }
  return path + blob.digest;
}
