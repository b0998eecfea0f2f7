import type { SeededConsole, SeedVariant } from "../../lib/testing/console-seed.ts";

/** Stages as `full` in which something is read in vain once somebody has signed in: lists, or what belongs to one thing. */
const HELD_VARIANTS = ["held", "held-details"] as const;
export type HeldVariant = (typeof HELD_VARIANTS)[number];

/** `empty`: nobody is root yet. */
export type StageVariant = SeedVariant | "empty" | HeldVariant;

export const isHeld = (variant: StageVariant): variant is HeldVariant =>
  (HELD_VARIANTS as readonly string[]).includes(variant);

/** What the process of a stage tells about it. */
export interface StageFacts {
  readonly origin: string;
  /** The one-time link; only where nobody is root. */
  readonly setupUrl: string | null;
  readonly seeded: SeededConsole;
  /** Of the process that answers. */
  readonly webPid: number;
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
