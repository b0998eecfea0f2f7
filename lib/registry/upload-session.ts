import { bareUrl } from "./address.ts";
import type { BlobRequest } from "./blobs.ts";
import { RegistryError, TransportError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import type { UploadState } from "./repository.ts";

/** An open upload as the registry's latest answer describes it. */
export class UploadSession {
  readonly request: BlobRequest;
  #location: URL;
  /** Bytes that the registry has. */
  received: number;
  /** It wants chunks of at least so many bytes, all but the last one; 0 where it did not say. */
  readonly leastChunkBytes: number;

  constructor(request: BlobRequest, { location, received }: { location: URL; received: number }, least = 0) {
    this.request = request;
    this.#location = location;
    this.received = received;
    this.leastChunkBytes = least;
  }

  /** As the answer to a POST describes it. @throws {TransportError} REDIRECT_REFUSED when it is at another origin */
  static opened(request: BlobRequest, answer: Answer): UploadSession {
    const location = locationIn(answer, request, "POST") ?? missing(answer);
    const least = /^\d{1,12}$/.exec(answer.headers.get("oci-chunk-min-length") ?? "")?.[0];
    return new UploadSession(request, { location, received: 0 }, Number(least ?? 0));
  }

  get location(): URL {
    return this.#location;
  }

  /** The Location with the digest added; its own query stays as it came, byte for byte (T23). */
  get completing(): URL {
    const { href, search } = this.#location;
    const before = search !== "" ? "&" : href.endsWith("?") ? "" : "?";
    return new URL(`${href}${before}digest=${encodeURIComponent(this.request.blob.digest)}`);
  }

  get state(): UploadState {
    return { url: this.#location.href, received: this.received };
  }

  /** Goes where the newest answer points: a Location may carry how far the upload is (T23). */
  follow(answer: Answer, method: string): void {
    this.#location = locationIn(answer, this.request, method) ?? this.#location;
  }

  /**
   * Asks the registry how much it has: GET of the session.
   * OCI distribution-spec v1.1.1, "Pushing a blob in chunks" (end-13).
   * @throws {RegistryError} BLOB_UPLOAD_UNKNOWN or BLOB_UPLOAD_INVALID when the session is gone
   */
  async askReceived(): Promise<void> {
    const { transport, repository, signal } = this.request;
    await transport.call(
      {
        method: "GET",
        to: this.#location,
        scopes: [`repository:${repository}:pull,push`],
        expect: [200, 202, 204],
        signal,
      },
      async (answer) => {
        this.received = receivedIn(answer) ?? this.received;
        this.follow(answer, "GET");
      },
    );
  }
}

/**
 * An upload that somebody began, as far as the registry still knows it.
 * @returns null when it does not, or says things of it that cannot be
 */
export async function resumedSession(
  request: BlobRequest,
  { url, received }: UploadState,
): Promise<UploadSession | null> {
  const { transport, blob } = request;
  try {
    // The address of the instance may be another one by now.
    const location = transport.ownUrl(url, transport.origin, "GET");
    const session = new UploadSession(request, { location, received });
    await session.askReceived();
    return session.received <= blob.size ? session : null;
  } catch (error) {
    const gone =
      (error instanceof RegistryError && !error.retryable && error.status !== 401) ||
      (error instanceof TransportError && error.code === "REDIRECT_REFUSED");
    if (!gone) {
      throw error;
    }
    return null;
  }
}

/** How much of the blob an answer says that the registry has: `Range: 0-<last byte>`; `0-0` is nothing. */
export function receivedIn({ headers }: Answer): number | undefined {
  const last = /^(?:bytes[= ])?0-(\d{1,15})$/.exec(headers.get("range")?.trim() ?? "")?.[1];
  return last === undefined ? undefined : last === "0" ? 0 : Number(last) + 1;
}

/** Where the bytes go: absolute or relative to where the answer came from (T23), on the registry's own origin. */
function locationIn(answer: Answer, { transport }: BlobRequest, method: string): URL | undefined {
  const header = answer.headers.get("location");
  return header === undefined ? undefined : transport.ownUrl(header, answer.url, method);
}

function missing({ status, url }: Answer): never {
  const detail = "the registry opened an upload without a Location";
  throw new RegistryError({ code: "BLOB_UPLOAD_INVALID", status, method: "POST", url: bareUrl(url), detail });
}
