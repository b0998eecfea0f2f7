import type { FaultLogEntry } from "../../../lib/testing/fault-proxy/fault.ts";
import { meets } from "../trust-case.ts";
import type { Scene } from "./scene.ts";

/** PUTs that were to complete an upload of this blob. */
export function uploadsOf({ target }: Scene, digest: string): FaultLogEntry[] {
  return target.proxy.matching("PUT", /\/blobs\/uploads\//).filter(({ path }) => names(path, digest));
}

/** PUTs of a manifest to this tag or digest. */
export function manifestPuts({ target }: Scene, reference: string): FaultLogEntry[] {
  return target.proxy.matching("PUT", new RegExp(`/manifests/${reference}$`));
}

function names(path: string, digest: string): boolean {
  return decodeURIComponent(path).includes(digest);
}

/** @throws {TargetMissed} when the registry itself, asked past the proxy, has the blob in the repository */
export async function isAbsent({ target }: Scene, repository: string, digest: string): Promise<void> {
  const answer = await fetch(`${target.registry.origin}/v2/${repository}/blobs/${digest}`, {
    method: "HEAD",
  });
  meets(answer.status === 404, `${digest} is at the target: ${answer.status}`);
}

/** What the target has under a name, asked past the proxy; null when it has nothing. */
export async function standingDigest(
  { target }: Scene,
  repository: string,
  tag: string,
): Promise<string | null> {
  const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
  const answer = await fetch(`${target.registry.origin}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept },
  });
  return answer.status === 200 ? answer.headers.get("docker-content-digest") : null;
}

/** POSTs that opened an upload in the repository, or were to mount this blob into it. */
export function openingsOf({ target }: Scene, repository: string, digest: string): FaultLogEntry[] {
  return target.proxy
    .matching("POST", new RegExp(`/${repository}/blobs/uploads/`))
    .filter(({ path }) => names(path, digest));
}
