import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { digestOf, isDigest, parseDigest } from "./digest.ts";
import type { Exchange } from "./exchange.ts";
import { RegistryFault, send } from "./fault.ts";
import { type StoredManifest, sizeOf } from "./store.ts";

/** OCI distribution-spec v1.1.1, "Pushing Manifests": a registry should take at least this much; ours takes no more. */
const LIMIT_BYTES = 4 * 1024 * 1024;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Layers that never were in a registry. OCI image-spec v1.1.1, "Non-Distributable Layers". */
const FOREIGN = /nondistributable|\.foreign\./;

/** HEAD, GET, PUT and DELETE of a manifest. end-3, end-7, end-9. */
export async function answerManifest(
  exchange: Exchange,
  repository: string,
  reference: string,
): Promise<void> {
  if (!isDigest(reference) && !TAG.test(reference)) {
    throw reference.includes(":")
      ? new RegistryFault(400, "DIGEST_INVALID", `not a digest: ${reference}`)
      : new RegistryFault(400, "TAG_INVALID", `not a tag: ${reference}`);
  }
  if (exchange.method === "PUT") {
    return putManifest(exchange, repository, reference);
  }
  const { method, store, response } = exchange;
  const digest = isDigest(reference) ? reference : await store.tagged(repository, reference);
  const stored = digest === undefined ? undefined : await store.manifest(repository, digest);
  // Its bytes may be gone from the disk: a test took them away.
  const gone = method === "GET" && stored && (await sizeOf(store.pathOf(digest ?? ""))) === undefined;
  if (digest === undefined || stored === undefined || gone) {
    throw new RegistryFault(404, "MANIFEST_UNKNOWN", `${repository} holds no ${reference}`);
  }
  if (method === "DELETE") {
    await (isDigest(reference)
      ? store.deleteManifest(repository, digest)
      : store.deleteTag(repository, reference));
    exchange.tell({ action: "delete", repository, digest, mediaType: stored.mediaType, ...tagOf(reference) });
    return send(response, 202, {});
  }
  if (method !== "GET" && method !== "HEAD") {
    throw new RegistryFault(405, "UNSUPPORTED", `no ${method} of a manifest`);
  }
  response.writeHead(200, {
    "Content-Type": stored.mediaType,
    "Content-Length": stored.size,
    "Docker-Content-Digest": digest,
    ETag: `"${digest}"`,
  });
  if (method === "HEAD") {
    response.end();
    return;
  }
  await pipeline(createReadStream(store.pathOf(digest)), response);
}

async function putManifest(exchange: Exchange, repository: string, reference: string): Promise<void> {
  const { request, response, store, options } = exchange;
  const bytes = await readBody(exchange);
  const algorithm = isDigest(reference) ? parseDigest(reference).algorithm : "sha256";
  const digest = digestOf(bytes, algorithm);
  if (isDigest(reference) && digest !== reference) {
    throw new RegistryFault(400, "DIGEST_INVALID", `the bytes are not ${reference}`);
  }
  const manifest = readManifest(bytes, request.headers["content-type"]);
  await checkChildren(exchange, repository, manifest);
  const subject = manifest.subject?.digest;
  const stored: StoredManifest = {
    mediaType: manifest.mediaType,
    size: bytes.length,
    artifactType: manifest.artifactType ?? manifest.config?.mediaType,
    annotations: manifest.annotations,
    subject: options.referrersApi ? subject : undefined,
  };
  await store.putManifest(repository, digest, bytes, stored);
  if (!isDigest(reference)) {
    await store.tag(repository, reference, digest);
  }
  send(response, 201, {
    Location: `/v2/${repository}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
    ...(stored.subject === undefined ? {} : { "OCI-Subject": stored.subject }),
  });
  exchange.tell({ action: "push", repository, digest, mediaType: stored.mediaType, ...tagOf(reference) });
}

function tagOf(reference: string): { tag?: string } {
  return isDigest(reference) ? {} : { tag: reference };
}

async function readBody({ request }: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total <= LIMIT_BYTES) {
      chunks.push(chunk);
    }
  }
  if (total > LIMIT_BYTES) {
    throw new RegistryFault(413, "MANIFEST_INVALID", `a manifest may have ${LIMIT_BYTES} bytes`);
  }
  return Buffer.concat(chunks);
}

interface Child {
  digest: string;
  mediaType?: string;
}

interface Manifest {
  mediaType: string;
  config?: Child;
  layers?: Child[];
  manifests?: Child[];
  subject?: Child;
  artifactType?: string;
  annotations?: Record<string, string>;
}

function readManifest(bytes: Buffer, contentType: string | undefined): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(bytes.toString("utf8")) as Manifest;
  } catch {
    throw new RegistryFault(400, "MANIFEST_INVALID", "the manifest is not JSON");
  }
  const mediaType = contentType?.split(";")[0]?.trim();
  if (manifest === null || typeof manifest !== "object" || mediaType === undefined) {
    throw new RegistryFault(400, "MANIFEST_INVALID", "no manifest, or no Content-Type");
  }
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw new RegistryFault(400, "MANIFEST_INVALID", `mediaType says ${manifest.mediaType}`);
  }
  return { ...manifest, mediaType };
}

/** A manifest may name only what is here; its subject may come later. */
async function checkChildren(exchange: Exchange, repository: string, manifest: Manifest): Promise<void> {
  const { store, options } = exchange;
  const blobs = [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])];
  for (const blob of blobs) {
    const foreign = FOREIGN.test(blob.mediaType ?? "");
    if (!foreign && (await store.blobSize(repository, checked(blob))) === undefined) {
      throw new RegistryFault(400, "MANIFEST_BLOB_UNKNOWN", `${repository} holds no ${blob.digest}`);
    }
  }
  for (const child of manifest.manifests ?? []) {
    if ((await store.manifest(repository, checked(child))) === undefined && !options.sparseIndexes) {
      throw new RegistryFault(400, "MANIFEST_BLOB_UNKNOWN", `${repository} holds no ${child.digest}`);
    }
  }
}

function checked(child: Child): string {
  if (typeof child.digest !== "string" || !isDigest(child.digest)) {
    throw new RegistryFault(400, "MANIFEST_INVALID", "a descriptor without a digest");
  }
  return child.digest;
}
