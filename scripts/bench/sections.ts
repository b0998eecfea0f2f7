import type { Section } from "./results.ts";

export interface SectionOrder {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What is measured beside the workloads, of ourselves alone. */
export const SECTIONS: Readonly<Record<string, (order: SectionOrder) => Promise<Section>>> = {
  tags: async ({ seed, say }) => (await import("./scale/many-tags.ts")).manyTags(seed, say),
  queue: async (order) => (await import("./worker/through-queue.ts")).throughQueue(order),
  workers: async (order) => (await import("./worker/two-workers.ts")).twoWorkers(order),
};
