import type { DockerRegistryOptions } from "../../../lib/testing/docker-registry.ts";

/**
 * How a registry runs that stands for one on a machine of its own: it shares the processors with the workers that are looked at, and is
 * to take as little from them as it can. It collects its heap when that has grown to nine times what is in use instead of twice, which
 * costs it a third of its time, and has one processor, where nothing looks for work that is not there.
 */
export const FAR_MACHINE: DockerRegistryOptions = { env: { GOGC: "800", GOMAXPROCS: "1" } };
