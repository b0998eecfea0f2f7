/** How much the seeded console holds, and which of it is measured. Numbers count from 1, in the order of making. */
export const SIZE = {
  instances: 500,
  rules: 10_000,
  tasks: 100_000,
  transfers: 1_000_000,
  /** Tasks of the busiest rule. */
  busyTasks: 50_000,
  runningTasks: 50,
  /** Transfers of the largest task that ended, and of the largest that runs. */
  largeTask: 100_000,
} as const;

/** The rules that are measured by name. */
export const RULES = { busy: 1, ended: 2, running: 3 } as const;

/** Who signs in: root, and somebody who may look at the source and at some targets. */
export const PEOPLE = { root: "bench", viewer: "viewer" } as const;
