import { setTimeout as sleep } from "node:timers/promises";
import type { Artifact } from "./content.ts";
import type { Intercept } from "./registry/exchange.ts";

/** Reads of some blobs that trickle, so that a test can act in the middle of one. */
export interface SlowBlobs {
  readonly intercept: Intercept;
  /** Blobs of at least `minBytes` of this artifact are sent at the slow rate from now on. */
  slow(artifact: Artifact, minBytes?: number): void;
  /** Slow blobs hardly move from now on: what a test begins meanwhile, such as another process, may take a minute. */
  trickle(): void;
  /** Everything is sent at full speed from now on, also what is under way. */
  release(): void;
  /** Resolves when a slow blob was sent up to this byte, in one answer or by Range. */
  reached(bytes: number): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;
/** Often enough that nobody takes the answer for dead. */
const TRICKLE_BYTES = CHUNK_BYTES;

export function slowBlobs(bytesPerSecond: number): SlowBlobs {
  const blobs = new Map<string, Buffer>();
  const watchers = new Set<{ bytes: number; resolve: () => void }>();
  let fast = false;
  let rate = bytesPerSecond;
  const sent = (bytes: number) => {
    for (const watcher of watchers) {
      if (bytes >= watcher.bytes) {
        watchers.delete(watcher);
        watcher.resolve();
      }
    }
  };
  return {
    slow(artifact, minBytes = 1024 * 1024) {
      for (const { digest, bytes } of artifact.blobs) {
        if (bytes.length >= minBytes) {
          blobs.set(digest, bytes);
        }
      }
    },
    trickle: () => {
      rate = Math.min(rate, TRICKLE_BYTES);
    },
    release: () => {
      fast = true;
    },
    reached: (bytes) => new Promise((resolve) => watchers.add({ bytes, resolve })),
    async intercept({ method, url, request, response }) {
      const content = blobs.get(url.pathname.split("/").at(-1) ?? "");
      if (method !== "GET" || !content) {
        return undefined;
      }
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const range =
        start > 0 ? { "Content-Range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
      response.writeHead(start > 0 ? 206 : 200, { ...range, "Content-Length": content.length - start });
      for (let at = start; at < content.length && !response.destroyed; at += CHUNK_BYTES) {
        response.write(content.subarray(at, Math.min(content.length, at + CHUNK_BYTES)));
        sent(at + CHUNK_BYTES);
        if (!fast) {
          await sleep((CHUNK_BYTES / rate) * 1000);
        }
      }
      response.end();
      return "answered";
    },
  };
}
