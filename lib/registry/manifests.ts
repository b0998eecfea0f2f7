import type { Descriptor } from "./descriptor.ts";
import { isDigest, parseDigest } from "./digest.ts";
import { ContentError, RegistryError } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { Fields } from "./http/request-head.ts";
import { isManifest, isSchema1, MANIFEST_ACCEPT } from "./media-types.ts";
import { isTag } from "./reference.ts";
import type { FetchOptions, Manifest, ResolveOptions } from "./repository.ts";
import { MAX_MANIFEST_BYTES, parseBody } from "./successors.ts";
import type { Transport } from "./transport.ts";
import { digestOf } from "./verify.ts";
import { refuseWebPage } from "./web-page.ts";

/** A body that was damaged on the way is asked for once more. */
const MANIFEST_TRIES = 2;
const DAMAGED: ReadonlySet<string> = new Set(["DIGEST_MISMATCH", "WEB_PAGE"]);

/** An answer to HEAD has no body: why it is denied, only GET can tell. */
const OF_HEAD = [200, 403, 404, 405, 501];
const OF_HEAD_IF_CHANGED = [...OF_HEAD, 304];
const OF_GET = [200];
const OF_GET_IF_CHANGED = [200, 304];
const ASKING = Fields.of({ accept: MANIFEST_ACCEPT });
const READING = ASKING.with("accept-encoding", "identity");

/**
 * What a tag or digest names now. HEAD; GET where the answer to HEAD lacks something or cannot be right (T14). With `known` the
 * registry may answer that it is still that (RFC 9110, 13.1.2 and 15.4.5); nobody else is answered so.
 * OCI distribution-spec v1.1.1, "Checking if content exists in the registry" (end-3).
 * @returns null when the registry does not know it
 */
export async function resolveManifest(
  transport: Transport,
  repository: string,
  reference: string,
  { known, signal }: ResolveOptions,
): Promise<Descriptor | null> {
  const head = await transport.call(
    {
      method: "HEAD",
      to: manifestPath(repository, reference),
      scopes: [`repository:${repository}:pull`],
      headers: known ? ASKING.with("if-none-match", `"${known.digest}"`) : ASKING,
      expect: known ? OF_HEAD_IF_CHANGED : OF_HEAD,
      signal,
    },
    (answer) => {
      const still = answer.status === 304 && known && names(answer, known.digest) ? known : undefined;
      return answer.status === 404 ? null : (still ?? described(answer, reference) ?? "incomplete");
    },
  );
  if (head !== "incomplete") {
    return head;
  }
  try {
    return (await fetchManifest(transport, repository, reference, { signal })).descriptor;
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) {
      return null;
    }
    throw error;
  }
}

/** Whether what an answer names, where it names anything, is this digest. */
function names({ headers }: Answer, digest: string): boolean {
  const stated = [headers.get("docker-content-digest"), headers.get("etag")];
  return stated.every((text) => text === undefined || text.includes(digest));
}

/** What the head of an answer says of the manifest; undefined where it says too little, or contradicts the question. */
function described({ status, headers }: Answer, reference: string): Descriptor | undefined {
  const digest = headers.get("docker-content-digest") ?? "";
  const length = headers.get("content-length") ?? "";
  const mediaType = contentType(headers.get("content-type"));
  const contradicts = isDigest(reference) && digest !== reference;
  return status === 200 &&
    isDigest(digest) &&
    /^\d{1,15}$/.test(length) &&
    isManifest(mediaType) &&
    !contradicts
    ? { mediaType, digest, size: Number(length) }
    : undefined;
}

/**
 * Reads a manifest. Its digest is what we hash, in the algorithm that was asked for. With `known` as {@link resolveManifest}.
 * OCI distribution-spec v1.1.1, "Pulling manifests" (end-3).
 *
 * @throws {ContentError} DIGEST_MISMATCH when the bytes are not those that were named, MANIFEST_TOO_LARGE over 4 MiB,
 *   SCHEMA1_UNSUPPORTED, WEB_PAGE, UNREADABLE_MANIFEST when body and Content-Type disagree on what it is
 * @throws {RegistryError} MANIFEST_UNKNOWN
 */
export async function fetchManifest(
  transport: Transport,
  repository: string,
  reference: string,
  { known, signal }: FetchOptions,
): Promise<Manifest> {
  for (let attempt = 1; ; attempt++) {
    try {
      const manifest = await transport.call(
        {
          method: "GET",
          to: manifestPath(repository, reference),
          scopes: [`repository:${repository}:pull`],
          headers: known ? READING.with("if-none-match", `"${known.descriptor.digest}"`) : READING,
          expect: known ? OF_GET_IF_CHANGED : OF_GET,
          signal,
        },
        (answer) => {
          if (answer.status !== 304) {
            return readManifest(answer, reference);
          }
          return known && names(answer, known.descriptor.digest) ? known : null;
        },
      );
      return manifest ?? (await fetchManifest(transport, repository, reference, { signal }));
    } catch (error) {
      if (!(error instanceof ContentError && DAMAGED.has(error.code)) || attempt === MANIFEST_TRIES) {
        throw error;
      }
    }
  }
}

async function readManifest(answer: Answer, reference: string): Promise<Manifest> {
  await refuseWebPage(answer, "a manifest");
  const tooLarge = () => manifestTooLarge(`over ${MAX_MANIFEST_BYTES}`);
  if (Number(answer.headers.get("content-length") ?? 0) > MAX_MANIFEST_BYTES) {
    throw tooLarge();
  }
  const bytes = await answer.body.bytes(MAX_MANIFEST_BYTES, tooLarge);
  refuseSchema1(bytes, contentType(answer.headers.get("content-type")));
  const wanted = parseDigest(reference);
  // What a tag names is named as the registry names it.
  const stated = parseDigest(answer.headers.get("docker-content-digest") ?? "");
  const digest = digestOf(bytes, (wanted ?? stated)?.algorithm);
  if (wanted && digest !== reference) {
    throw new ContentError("DIGEST_MISMATCH", reference, digest);
  }
  compareStated(answer, digest);
  const mediaType = agreedMediaType(bytes, contentType(answer.headers.get("content-type")));
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

/**
 * Before the digest is compared: that of a signed schema 1 manifest is not the hash of its bytes (T13), and "wrong bytes"
 * would send people looking for a fault that is none.
 */
function refuseSchema1(bytes: Uint8Array, stated: string): void {
  if (isSchema1(stated) || (!isManifest(stated) && schemaVersionOf(bytes) === 1)) {
    throw schema1Unsupported();
  }
}

export function schema1Unsupported(): ContentError {
  return new ContentError("SCHEMA1_UNSUPPORTED", "an OCI manifest or Docker schema 2", "Docker schema 1");
}

function schemaVersionOf(bytes: Uint8Array): unknown {
  try {
    return parseBody(bytes).schemaVersion;
  } catch {
    return undefined;
  }
}

/** The registry's own word on the digest, where it gives one in the algorithm that we used (T13). */
export function compareStated(answer: Answer, digest: string): void {
  const stated = answer.headers.get("docker-content-digest");
  if (
    stated !== undefined &&
    parseDigest(stated)?.algorithm === parseDigest(digest)?.algorithm &&
    stated !== digest
  ) {
    throw new ContentError("DIGEST_MISMATCH", stated, digest);
  }
}

/** Body and header must not disagree: they would mean different things to different clients (T12). */
function agreedMediaType(bytes: Uint8Array, stated: string): string {
  const { mediaType } = parseBody(bytes);
  if (typeof mediaType !== "string" || mediaType === "") {
    return stated;
  }
  if (isManifest(stated) && stated !== mediaType) {
    throw new ContentError("UNREADABLE_MANIFEST", `a body of type ${stated}`, mediaType.slice(0, 160));
  }
  return mediaType;
}

/** @param cause what a registry said that takes less than others */
export function manifestTooLarge(bytes: string, cause?: Error): ContentError {
  const limit = cause ? "a size that the registry accepts" : `at most ${MAX_MANIFEST_BYTES} bytes`;
  return new ContentError("MANIFEST_TOO_LARGE", limit, `${bytes} bytes`, cause ? { cause } : undefined);
}

function contentType(header: string | undefined): string {
  return (header ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** @throws {RegistryError} TAG_INVALID without asking: what breaks the grammar must not become part of a URL */
export function manifestPath(repository: string, reference: string): string {
  const path = `/v2/${repository}/manifests/`;
  if (!isTag(reference) && !isDigest(reference)) {
    throw new RegistryError({
      code: "TAG_INVALID",
      status: 400,
      method: "GET",
      url: path,
      detail: `not asked: ${JSON.stringify(reference.slice(0, 160))} is neither a tag nor a digest`,
    });
  }
  return path + reference;
}
