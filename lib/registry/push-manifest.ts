import { setTimeout as sleep } from "node:timers/promises";
import { ContentError, RegistryError } from "./errors.ts";
import { compareStated, manifestPath, manifestTooLarge } from "./manifests.ts";
import { MANIFEST_ACCEPT } from "./media-types.ts";
import type { Manifest, PushedManifest, PushOptions, RequestOptions } from "./repository.ts";
import { MAX_MANIFEST_BYTES } from "./successors.ts";
import type { Transport } from "./transport.ts";

/**
 * Sends a manifest byte for byte, by digest or to a tag.
 * OCI distribution-spec v1.1.1, "Pushing Manifests" (end-7).
 *
 * @throws {RegistryError} MANIFEST_BLOB_UNKNOWN when the registry lacks something it names
 * @throws {ContentError} MANIFEST_TOO_LARGE; DIGEST_MISMATCH when the registry stored other bytes
 */
export async function pushManifest(
  transport: Transport,
  repository: string,
  manifest: Manifest,
  options: PushOptions,
): Promise<PushedManifest> {
  const { signal } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await putManifest(transport, repository, manifest, options);
    } catch (error) {
      const unread = error instanceof RegistryError && error.code === "DIGEST_INVALID";
      if (!unread || tries === TRIES) {
        throw error;
      }
      await sleep(FIRST_PAUSE_MS * 4 ** (tries - 1), undefined, { signal }).catch(() =>
        signal?.throwIfAborted(),
      );
    }
  }
}

/**
 * 2.8.3 says DIGEST_INVALID to an index while one of its children is pushed once more, because it reads a link that is being
 * written. The digest is what we hashed ourselves, so it is asked again.
 */
const TRIES = 4;
const FIRST_PAUSE_MS = 50;

async function putManifest(
  transport: Transport,
  repository: string,
  { descriptor, bytes }: Manifest,
  options: PushOptions,
): Promise<PushedManifest> {
  if (bytes.byteLength > MAX_MANIFEST_BYTES) {
    throw manifestTooLarge(`${bytes.byteLength}`);
  }
  const reference = options.tag ?? descriptor.digest;
  const named = { reference, digest: descriptor.digest };
  try {
    return await transport.call<PushedManifest>(
      {
        method: "PUT",
        to: manifestPath(repository, reference),
        scopes: [`repository:${repository}:pull,push`],
        headers: { "content-type": descriptor.mediaType },
        body: bytes,
        expect: [200, 201, 204],
        beforeSending: options.beforeSending,
        signal: options.signal,
      },
      async (answer) => {
        compareStated(answer, descriptor.digest);
        return { subject: answer.headers.get("oci-subject") ?? null };
      },
      // An answer that was lost: to put it again would be refused where tags are immutable.
      async () => ((await isNamed(transport, repository, named, options)) ? { result: UNHEARD } : null),
    );
  } catch (error) {
    // 2.8.3 says 400 MANIFEST_INVALID "http: request body too large", others 413 (R1).
    if (error instanceof RegistryError && (error.status === 413 || /body too large/i.test(error.detail))) {
      throw manifestTooLarge(`${bytes.byteLength}`, error);
    }
    // Its answer named another digest, or refused what stands already since somebody else wrote it: what it holds counts.
    if (
      (error instanceof ContentError || isConflict(error)) &&
      (await isNamed(transport, repository, named, options))
    ) {
      return UNHEARD;
    }
    throw error;
  }
}

/** What registries answer where a tag must not change. */
function isConflict(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    [400, 403, 409, 412].includes(error.status) &&
    error.code !== "MANIFEST_BLOB_UNKNOWN"
  );
}

const UNHEARD: PushedManifest = { subject: undefined };

/** Whether the registry, asked once, says that this digest is what the reference names. */
async function isNamed(
  transport: Transport,
  repository: string,
  { reference, digest }: { reference: string; digest: string },
  { signal }: RequestOptions,
): Promise<boolean> {
  try {
    return await transport.call(
      {
        method: "HEAD",
        to: manifestPath(repository, reference),
        scopes: [`repository:${repository}:pull,push`],
        headers: { accept: MANIFEST_ACCEPT },
        expect: [200],
        retries: 0,
        signal,
      },
      async ({ headers }) => headers.get("docker-content-digest") === digest,
    );
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
