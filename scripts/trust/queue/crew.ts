import { setTimeout as sleep } from "node:timers/promises";
import type { SyncWorld } from "../../../lib/testing/sync-world.ts";
import type { WorkerProcess } from "../../../lib/testing/worker-process.ts";
import { until } from "./world.ts";

/** A number of workers of which each that is killed is replaced at once. */
export class Crew {
  readonly #world: SyncWorld;
  readonly #env: Record<string, string>;
  readonly #ready = new Set<WorkerProcess>();
  readonly #starting = new Set<Promise<unknown>>();
  #failure: unknown;
  #size = 0;

  constructor(world: SyncWorld, env: Record<string, string> = {}) {
    this.#world = world;
    this.#env = env;
  }

  async start(count: number): Promise<void> {
    this.#size = count;
    await Promise.all(Array.from({ length: count }, () => this.#hire()));
  }

  get ready(): WorkerProcess[] {
    return [...this.#ready];
  }

  /** Kills one of those that are ready, and hires another. @returns when it was killed, `performance.now()` */
  async killOne(random: () => number): Promise<number> {
    // On a busy machine starting takes longer than killing: somebody is to be at work meanwhile.
    await until("all but one are ready", 60_000, () => this.#failed() || this.#ready.size >= this.#size - 1);
    const victim = this.ready[Math.floor(random() * this.#ready.size)];
    if (victim) {
      this.#ready.delete(victim);
      victim.signal("SIGKILL");
    }
    this.#hire().catch((error: unknown) => {
      this.#failure = error;
    });
    return performance.now();
  }

  /** Kills `count` times, 0.2 to 2 s apart. */
  async killOften(
    count: number,
    random: () => number,
    onKill: (kills: number, atMs: number) => void,
  ): Promise<void> {
    for (let kills = 1; kills <= count; kills++) {
      await sleep(200 + random() * 1_800);
      onKill(kills, await this.killOne(random));
    }
  }

  /** Waits for those that are still starting. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#starting);
    this.#failed();
  }

  #failed(): false {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    return false;
  }

  async #hire(): Promise<void> {
    const starting = this.#world.worker(this.#env);
    this.#starting.add(starting);
    try {
      this.#ready.add(await starting);
    } finally {
      this.#starting.delete(starting);
    }
  }
}
