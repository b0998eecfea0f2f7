import { createHash } from "node:crypto";

const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const READ_TIMEOUT_MS = 60_000;

interface Reference {
  digest: string;
  size: number;
  /** Elsewhere: a layer that a registry may lack. */
  urls?: string[];
}
interface ManifestText {
  config?: Reference;
  layers?: Reference[];
  manifests?: Reference[];
}

/**
 * Pulls a tag with everything that it names and hashes every byte: an independent reader that shares nothing with the client
 * of the product, for thousands of tags where `skopeo` would be a process each.
 * @returns the digest that the tag names, and how many blobs came
 * @throws when something is missing, or is not what its name says
 */
export async function pullAndHash(
  origin: string,
  repository: string,
  reference: string,
): Promise<{ digest: string; blobs: number }> {
  const base = `${origin}/v2/${repository}`;
  const { bytes, digest } = await read(`${base}/manifests/${reference}`);
  if (reference.includes(":") && reference !== digest) {
    throw new Error(`${repository}@${reference} holds ${digest}`);
  }
  const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString("utf8")) as ManifestText;
  let blobs = 0;
  const held = (config ? [config, ...layers] : layers).filter(({ urls }) => urls === undefined);
  for (const { digest: blob, size } of held) {
    const content = await read(`${base}/blobs/${blob}`, blob.split(":")[0]);
    if (content.digest !== blob || content.bytes.length !== size) {
      throw new Error(`${repository}: blob ${blob} came as ${content.digest}, ${content.bytes.length} bytes`);
    }
    blobs++;
  }
  for (const child of manifests) {
    blobs += (await pullAndHash(origin, repository, child.digest)).blobs;
  }
  return { digest, blobs };
}

async function read(url: string, algorithm = "sha256"): Promise<{ bytes: Buffer; digest: string }> {
  const answer = await fetch(url, {
    headers: { accept: ACCEPT },
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
  });
  if (answer.status !== 200) {
    throw new Error(`GET ${url} was answered with ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  }
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { bytes, digest: `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` };
}
