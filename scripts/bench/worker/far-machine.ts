import { statfsSync } from "node:fs";
import type { DockerRegistryOptions } from "../../../lib/testing/docker-registry.ts";

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 4 * 1024 ** 3;

/**
 * How a registry runs that stands for one on a machine of its own: it shares the processors with the workers that are looked at, and is
 * to take as little from them as it can. It keeps its content in memory where there is room, and collects its heap when that has grown
 * to nine times what is in use instead of twice, which costs it a third of its time.
 */
export function farMachine(): DockerRegistryOptions {
  return { below: hasRoom() ? MEMORY : undefined, env: { GOGC: "800" } };
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ENOUGH_BYTES;
  } catch {
    return false;
  }
}
