import { type DockerRegistry, startDockerRegistry } from "../../../lib/testing/docker-registry.ts";
import { few } from "../engine/content.ts";
import { fillSource } from "../engine/source.ts";
import type { Stage } from "./stage.ts";

/**
 * The workers of an installation have been at work for days, while a command begins anew each time. Those of the bench carry out a task
 * before they are measured: other content, a fiftieth of the bytes, between other registries, which are near.
 */
export interface WarmUp {
  run(stage: Stage): Promise<void>;
  stop(): Promise<void>;
}

/** So many repositories that one worker cannot take them all. */
const TIMES = 10;
const MEGABYTE = 20_000;

/** @param below the folder in which its registries keep their content */
export async function prepareWarmUp(seed: number, below?: string): Promise<WarmUp> {
  const source = await fillSource(few(-1 - seed, TIMES, MEGABYTE), below);
  return {
    async run(stage) {
      const target: DockerRegistry = await startDockerRegistry({ below });
      try {
        await stage.sync(source.registry.host, target.host);
      } finally {
        await target.stop();
      }
    },
    stop: () => source.registry.stop(),
  };
}
