import { setTimeout as sleep } from "node:timers/promises";
import type { Intercept } from "./registry/exchange.ts";

const CHUNK_BYTES = 16 * 1024;

/** A link of constant rate: all blobs that are read at once share it. */
export function throttledBlobs(bytesPerSecond: number, blobs: ReadonlyMap<string, Buffer>): Intercept {
  let freeAtMs = 0;
  const pass = async (bytes: number): Promise<void> => {
    const now = Date.now();
    freeAtMs = Math.max(now, freeAtMs) + (bytes / bytesPerSecond) * 1000;
    await sleep(Math.max(0, freeAtMs - now));
  };
  return async ({ method, url, response }) => {
    const content = blobs.get(url.pathname.split("/").at(-1) ?? "");
    if (method !== "GET" || !content || !url.pathname.includes("/blobs/")) {
      return undefined;
    }
    response.writeHead(200, { "Content-Length": content.length });
    for (let at = 0; at < content.length && !response.destroyed; at += CHUNK_BYTES) {
      const chunk = content.subarray(at, at + CHUNK_BYTES);
      await pass(chunk.length);
      response.write(chunk);
    }
    response.end();
    return "answered";
  };
}
