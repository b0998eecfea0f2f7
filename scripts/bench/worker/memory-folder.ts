import { statfsSync } from "node:fs";

const FOLDER = "/dev/shm";
const ENOUGH_BYTES = 4 * 1024 ** 3;

/** A folder that lies in memory and has room for the content of two registries; undefined: there is none here. */
export function memoryFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(FOLDER);
    return bavail * bsize > ENOUGH_BYTES ? FOLDER : undefined;
  } catch {
    return undefined;
  }
}
