import type { Gunzip } from "node:zlib";
import { newHash } from "../verify.ts";
import { chartTooLarge, unreadableChart } from "./chart-error.ts";
import { type ChartFile, ChartFileFinder } from "./chart-file.ts";

/** ChartMuseum itself takes 20 MiB. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 * 1024;

export interface Archive {
  digest: string;
  sizeBytes: number;
  chartFile: ChartFile;
}

/**
 * Reads a packaged chart as it comes: digest, size and its Chart.yaml, at most a block of it in memory.
 * @throws {ContentError} CHART_TOO_LARGE; UNREADABLE_CHART when it is no archive with a chart in it
 */
export async function readArchive(body: AsyncIterable<Uint8Array>, what: string): Promise<Archive> {
  const { createGunzip } = await import("node:zlib");
  const hash = newHash();
  const gunzip = createGunzip();
  const finder = new ChartFileFinder();
  const unpacked = unpack(gunzip, finder);
  // Awaited below; until then its failure is nobody's unhandled rejection.
  unpacked.catch(() => {});
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > MAX_ARCHIVE_BYTES) {
        throw chartTooLarge(`an archive of ${what}`, MAX_ARCHIVE_BYTES);
      }
      hash.update(chunk);
      await feed(gunzip, chunk);
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy();
    throw error;
  }
  try {
    await unpacked;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "something else";
    throw unreadableChart(`a packaged chart of ${what}`, reason, cause);
  }
  if (!finder.found) {
    throw unreadableChart(`a packaged chart of ${what}`, "an archive without Chart.yaml");
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes, chartFile: finder.found };
}

async function unpack(gunzip: Gunzip, finder: ChartFileFinder): Promise<void> {
  for await (const chunk of gunzip) {
    finder.push(chunk as Buffer);
    if (finder.found) {
      return;
    }
  }
}

/** Once Chart.yaml is found, or nothing can be, the rest is only counted. */
async function feed(gunzip: Gunzip, chunk: Uint8Array): Promise<void> {
  if (!gunzip.destroyed && !gunzip.write(chunk)) {
    await new Promise((resolve) => gunzip.once("drain", resolve).once("close", resolve));
  }
}
