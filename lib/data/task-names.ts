import "server-only";
import { database } from "../db/client.ts";
import { instances } from "../db/schema/instances.ts";
import { users } from "../db/schema/people.ts";
import { ruleTargets } from "../db/schema/rules.ts";
import { tasks } from "../db/schema/tasks.ts";
import type { InstanceName, TaskTarget } from "../schemas/task.ts";
import { among } from "./among.ts";

type StoredTask = typeof tasks.$inferSelect;

/** What the rows of tasks name by id. */
export interface TaskNames {
  targets: ReadonlyMap<string, TaskTarget[]>;
  instances: ReadonlyMap<string, InstanceName>;
  people: ReadonlyMap<string, string>;
  /** Numbers of the tasks that were tried again. */
  origins: ReadonlyMap<string, number>;
}

/** @param ends whether it is told what the instances are called between which each task copies */
export async function namesOf(stored: readonly StoredTask[], { ends = true } = {}): Promise<TaskNames> {
  const [places, people, origins] = await Promise.all([
    placesOf(stored),
    usernames(
      stored.flatMap(({ triggeredBy, stoppedBy }) => [triggeredBy, stoppedBy].filter((id) => id !== null)),
    ),
    numbersOf(stored.flatMap(({ retryOf }) => retryOf ?? [])),
  ]);
  const names = await instanceNames([
    ...stored.flatMap(({ waitingInstanceId }) => waitingInstanceId ?? []),
    ...(ends ? stored.map(({ sourceInstanceId }) => sourceInstanceId) : []),
    ...(ends ? places.flatMap(({ targets }) => targets.map(({ instanceId }) => instanceId)) : []),
  ]);
  const targets = new Map(
    places.map(({ taskId, targets }) => [
      taskId,
      targets.map(({ instanceId, namespace }) => ({ instance: nameOf(names, instanceId), namespace })),
    ]),
  );
  return { targets, instances: names, people, origins };
}

/** Where each task copies to: as it was when the task started, or, while it waits, as the rule is now. */
async function placesOf(stored: readonly StoredTask[]) {
  const waiting = [...new Set(stored.filter((task) => !task.rule).map((task) => task.ruleId))];
  const current =
    waiting.length === 0
      ? []
      : await database()
          .select()
          .from(ruleTargets)
          .where(among(ruleTargets.ruleId, waiting))
          .orderBy(ruleTargets.id);
  return stored.map((task) => ({
    taskId: task.id,
    targets: task.rule?.targets ?? current.filter((target) => target.ruleId === task.ruleId),
  }));
}

async function numbersOf(taskIds: string[]): Promise<Map<string, number>> {
  if (taskIds.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: tasks.id, number: tasks.number })
    .from(tasks)
    .where(among(tasks.id, taskIds));
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** Names of users by id. */
export async function usernames(ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(among(users.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row.username]));
}

/** Names of instances by id. A name is shown to whoever sees the rule, more only with view. */
export async function instanceNames(ids: readonly string[]): Promise<Map<string, InstanceName>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await database()
    .select({ id: instances.id, name: instances.name })
    .from(instances)
    .where(among(instances.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** An instance that was deleted after a task had copied to it has no name any more. */
export function nameOf(names: ReadonlyMap<string, InstanceName>, id: string): InstanceName {
  return names.get(id) ?? { id, name: "—" };
}
