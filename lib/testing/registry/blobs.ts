import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { parseDigest } from "./digest.ts";
import type { Exchange } from "./exchange.ts";
import { RegistryFault, send } from "./fault.ts";

/** HEAD, GET and DELETE of a blob. OCI distribution-spec v1.1.1, end-2 and end-10. */
export async function answerBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
  parseDigest(digest);
  const { method, store, response } = exchange;
  const size = await store.blobSize(repository, digest);
  if (size === undefined) {
    throw new RegistryFault(404, "BLOB_UNKNOWN", `${repository} holds no ${digest}`);
  }
  switch (method) {
    case "HEAD":
      response.writeHead(200, { ...describe(digest), "Content-Length": size });
      response.end();
      return;
    case "GET":
      await sendBlob(exchange, digest, size);
      return;
    case "DELETE":
      await store.unlinkBlob(repository, digest);
      send(response, 202, {});
      return;
    default:
      throw new RegistryFault(405, "UNSUPPORTED", `no ${method} of a blob`);
  }
}

function describe(digest: string): Record<string, string> {
  return {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    ETag: `"${digest}"`,
  };
}

async function sendBlob(exchange: Exchange, digest: string, size: number): Promise<void> {
  const { response, store, request } = exchange;
  const range = parseRange(request.headers.range, size);
  const headers = describe(digest);
  if (range === "unsatisfiable") {
    throw new RegistryFault(416, "RANGE_INVALID", "outside of the blob", {
      "Content-Range": `bytes */${size}`,
    });
  }
  if (range === undefined) {
    response.writeHead(200, { ...headers, "Content-Length": size });
  } else {
    response.writeHead(206, {
      ...headers,
      "Content-Length": range.end - range.start + 1,
      "Content-Range": `bytes ${range.start}-${range.end}/${size}`,
    });
  }
  if (size === 0) {
    response.end();
    return;
  }
  await pipeline(createReadStream(store.pathOf(digest), range), response);
}

/** RFC 9110, "Range", one byte range; several or nonsense are ignored as the RFC allows. */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) {
    return undefined;
  }
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}
