import type { Database } from "../db/client.ts";
import { seedAudit } from "./console-seed-audit.ts";
import { createSeed } from "./console-seed-base.ts";
import { seedDeletions } from "./console-seed-deletions.ts";
import { seedEvents, seedStandings } from "./console-seed-events.ts";
import { seedInstances } from "./console-seed-instances.ts";
import { seedLimits } from "./console-seed-limits.ts";
import { seedNotices } from "./console-seed-notices.ts";
import { seedPeople } from "./console-seed-people.ts";
import { type SeededRule, seedRules } from "./console-seed-rules.ts";
import { seedTasks } from "./console-seed-tasks.ts";
import { seedLeases, seedWorkers } from "./console-seed-workers.ts";

/** `full`: every state there is. `one-instance`: no rule yet. `first-use`: root and nothing else. */
export type SeedVariant = "full" | "one-instance" | "first-use";

export interface SeedOptions {
  variant: SeedVariant;
  /** What everybody signs in with, as lib/auth stores it. */
  passwordHash: string;
  now?: number;
  /** Origins of real registries by the key of their instance: `lab` and `lab-mirror` are meant for them. */
  addresses?: Readonly<Record<string, string>>;
  /** As lib/secrets seals with the console's key; without it no password of an instance and no address for notices can be opened. */
  seal?: (plaintext: string, place: string) => string;
}

/** Ids by the keys of the files beside this one. */
export interface SeededConsole {
  instances: Readonly<Record<string, string>>;
  users: Readonly<Record<string, string>>;
  rules: Readonly<Record<string, SeededRule>>;
  tasks: Readonly<Record<string, string>>;
  /** The first of each status of such a task, `running:failed`. */
  transfers: Readonly<Record<string, string>>;
}

/**
 * Fills an empty, migrated database with what pages are looked at with: straight into the tables, relative to `now`, the same
 * each time. It needs no worker: what runs is a row that says so.
 */
export async function seedConsole(db: Database, options: SeedOptions): Promise<SeededConsole> {
  const { variant, passwordHash, now = Date.now(), addresses, seal } = options;
  const seed = createSeed(db, now);
  const instances =
    variant === "first-use"
      ? {}
      : await seedInstances(seed, {
          ...(variant === "one-instance" ? { keys: ["shanghai"] } : {}),
          ...(addresses ? { addresses } : {}),
          ...(seal ? { seal } : {}),
        });
  const users = await seedPeople(seed, passwordHash, { instances, alone: variant === "first-use" });
  const workerIds = await seedWorkers(seed);
  if (variant !== "full") {
    return { instances, users, rules: {}, tasks: {}, transfers: {} };
  }
  const rules = await seedRules(seed, instances, users);
  const { tasks, transfers } = await seedTasks(seed, { rules, userIds: users, instanceIds: instances });
  await seedLeases(seed, workerIds);
  await seedDeletions(seed, rules["base-everywhere"], users.chenli);
  await seedStandings(seed);
  const [taskId] = Object.values(tasks);
  const [rule] = Object.values(rules);
  await seedEvents(seed, instances, rule && taskId ? { ruleId: rule.id, taskId } : null);
  await seedAudit(seed, users);
  await seedNotices(seed, { instanceIds: instances, seal });
  if (instances.beijing) {
    await seedLimits(seed, instances.beijing);
  }
  return { instances, users, rules, tasks, transfers };
}
