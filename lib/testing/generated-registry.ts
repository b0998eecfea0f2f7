import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { descriptorOf, MEDIA, type Piece, piece, seededBytes } from "./content.ts";
import { type LoopbackServer, serve } from "./loopback-server.ts";
import { send } from "./registry/fault.ts";

export interface GeneratedRegistry extends LoopbackServer {
  repository: string;
  tag: string;
  /** Of the manifest. */
  digest: string;
  layerDigest: string;
  /** Bytes of the layer sent so far, over all requests. */
  sentBytes(): number;
  /** Requests of the layer, Range or not. */
  layerRequests(): number;
}

const BLOCK_BYTES = 1024 * 1024;

/**
 * Serves one image whose one layer of `layerBytes` is made while it is sent: the same block again and again, nowhere stored.
 * Its digest is computed first (some seconds for 5 GiB).
 */
export async function startGeneratedRegistry(layerBytes: number): Promise<GeneratedRegistry> {
  const repository = "generated/large";
  const tag = "v1";
  const block = seededBytes("generated layer", BLOCK_BYTES);
  const layerDigest = await digestOfRepeated(block, layerBytes);
  const config = piece(
    MEDIA.config,
    JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } }),
  );
  const manifest = piece(
    MEDIA.manifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      config: descriptorOf(config),
      layers: [{ mediaType: MEDIA.layer, digest: layerDigest, size: layerBytes }],
    }),
  );
  const counts = { bytes: 0, requests: 0 };
  const base = `/v2/${repository}`;
  const fixed = new Map<string, Piece>([
    [`${base}/manifests/${tag}`, manifest],
    [`${base}/manifests/${manifest.digest}`, manifest],
    [`${base}/blobs/${config.digest}`, config],
  ]);
  const listings = new Map<string, unknown>([
    ["/v2/", {}],
    ["/v2/_catalog", { repositories: [repository] }],
    [`${base}/tags/list`, { name: repository, tags: [tag] }],
  ]);
  const server = await serve(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://registry");
    if (pathname === `${base}/blobs/${layerDigest}`) {
      counts.requests += 1;
      await sendRepeated(request, response, { block, layerBytes, layerDigest, counts });
      return;
    }
    const found = fixed.get(pathname) ?? listedPiece(listings.get(pathname));
    if (found === undefined) {
      send(response, 404, { "Content-Type": "text/plain" }, "404 page not found\n");
      return;
    }
    send(
      response,
      200,
      { "Content-Type": found.mediaType, "Docker-Content-Digest": found.digest },
      found.bytes,
    );
  });
  return {
    ...server,
    repository,
    tag,
    digest: manifest.digest,
    layerDigest,
    sentBytes: () => counts.bytes,
    layerRequests: () => counts.requests,
  };
}

function listedPiece(document: unknown): Piece | undefined {
  return document === undefined ? undefined : piece("application/json", JSON.stringify(document));
}

async function digestOfRepeated(block: Buffer, totalBytes: number): Promise<string> {
  const hash = createHash("sha256");
  for (let done = 0; done < totalBytes; done += block.length) {
    hash.update(block.subarray(0, Math.min(block.length, totalBytes - done)));
    if (done % (64 * block.length) === 0) {
      await setImmediate();
    }
  }
  return `sha256:${hash.digest("hex")}`;
}

async function sendRepeated(
  request: IncomingMessage,
  response: ServerResponse,
  layer: {
    block: Buffer;
    layerBytes: number;
    layerDigest: string;
    counts: { bytes: number };
  },
): Promise<void> {
  const { block, layerBytes, layerDigest, counts } = layer;
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  let offset = Number(from ?? 0);
  response.writeHead(from === undefined ? 200 : 206, {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": layerDigest,
    "Content-Length": layerBytes - offset,
    ...(from === undefined ? {} : { "Content-Range": `bytes ${offset}-${layerBytes - 1}/${layerBytes}` }),
  });
  while (request.method === "GET" && offset < layerBytes && !response.destroyed) {
    const begin = offset % block.length;
    const part = block.subarray(begin, Math.min(block.length, begin + layerBytes - offset));
    offset += part.length;
    counts.bytes += part.length;
    if (!response.write(part)) {
      await roomIn(response);
    }
  }
  response.end();
}

/** Waits until more can be written, or nothing any more. */
function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
