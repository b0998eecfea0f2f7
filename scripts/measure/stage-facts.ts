import type { SeededConsole, SeedVariant } from "../../lib/testing/console-seed.ts";

/** `empty`: nobody is root yet. `held`: as `full`, and lists are read in vain once somebody has signed in. */
export type StageVariant = SeedVariant | "empty" | "held";

/** What the process of a stage tells about it. */
export interface StageFacts {
  readonly origin: string;
  /** The one-time link; only where nobody is root. */
  readonly setupUrl: string | null;
  readonly seeded: SeededConsole;
}

/** Everybody who is seeded signs in with it. */
export const PASSWORD = "seeded console";
export const NOTHING_SEEDED: SeededConsole = {
  instances: {},
  users: {},
  rules: {},
  tasks: {},
  transfers: {},
};
