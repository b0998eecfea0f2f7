import { type DockerRegistryOptions, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { few } from "../engine/content.ts";
import { fillSource } from "../engine/source.ts";
import type { Stage } from "./stage.ts";

/**
 * The workers of an installation have been at work for days, while a command begins anew each time. Those of the bench carry out a few
 * tasks before they are measured: other content, a fiftieth of the bytes, between other registries, which are near.
 */
export interface WarmUp {
  run(stage: Stage): Promise<void>;
  stop(): Promise<void>;
}

/** Once the worker is warm, and until each of its connections keeps its plans (lib/db/kept-plans.ts): Postgres decides for that after the eighth time. */
const TASKS = 3;
/** So many repositories that one worker cannot take them all. */
const TIMES = 10;
const MEGABYTE = 20_000;

/** @param registries how those run between which it copies */
export async function prepareWarmUp(seed: number, registries: DockerRegistryOptions = {}): Promise<WarmUp> {
  const source = await fillSource(few(-1 - seed, TIMES, MEGABYTE), registries);
  return {
    async run(stage) {
      for (let task = 0; task < TASKS; task++) {
        const target = await startDockerRegistry(registries);
        try {
          await stage.sync(source.registry.host, target.host);
        } finally {
          await target.stop();
        }
      }
    },
    stop: () => source.registry.stop(),
  };
}
