import "server-only";
import type { Actor } from "../auth/actor.ts";
import type { LimitsAt, LimitsInUse } from "../schemas/limits.ts";
import type { TaskRow, TaskThrottle } from "../schemas/task.ts";
import { limitsInUse } from "./instance-limits.ts";
import { remainingUnder } from "./remaining-under.ts";
import { holds } from "./visibility.ts";

type Kind = TaskThrottle["kind"];

/** A task at work with the limit that it is at, if it is at one, and an estimate that knows of the next window. */
export async function withThrottle(actor: Actor, row: TaskRow): Promise<TaskRow> {
  if (row.status !== "running" && row.status !== "scanning") {
    return row;
  }
  const ends = [
    { instance: row.sourceInstance, way: "read" as const },
    ...row.targets.map(({ instance }) => ({ instance, way: "write" as const })),
  ];
  const limits = await limitsInUse(ends.map(({ instance }) => instance.id));
  let throttle: TaskThrottle | null = null;
  let pace = row.pace;
  for (const { instance, way } of ends) {
    const inUse = limits.get(instance.id);
    if (inUse) {
      pace = paceUnder(pace, inUse, way);
      throttle ??= throttleAt(inUse, way, { instance, shown: holds(actor.view, instance.id) });
    }
  }
  return { ...row, pace, throttle };
}

function throttleAt(
  { held, now, next }: LimitsInUse,
  way: "read" | "write",
  { instance, shown }: { instance: TaskThrottle["instance"]; shown: boolean },
): TaskThrottle | null {
  const kind = held[way] ? way : held.copies ? "copies" : null;
  if (kind === null) {
    return null;
  }
  // Without view there the name is shown, and nothing of how it is set up.
  const changes = shown && next && limitOf(next.limits, kind) !== limitOf(now, kind) ? next : null;
  return {
    instance,
    kind,
    limit: shown ? limitOf(now, kind) : null,
    next: changes && { at: changes.at, limit: limitOf(changes.limits, kind) },
  };
}

function paceUnder(pace: TaskRow["pace"], { at, now, next, held }: LimitsInUse, way: "read" | "write") {
  if (!pace?.remainingMs || !pace.bytesPerSecond || !next) {
    return pace;
  }
  const remainingMs = remainingUnder({
    remainingMs: pace.remainingMs,
    bytesPerSecond: pace.bytesPerSecond,
    limit: held[way] ? limitOf(now, way) : null,
    changesInMs: Date.parse(next.at) - Date.parse(at),
    nextLimit: limitOf(next.limits, way),
  });
  return { ...pace, remainingMs };
}

function limitOf({ copies, readBytesPerSecond, writeBytesPerSecond }: LimitsAt, kind: Kind): number | null {
  return kind === "copies" ? copies : kind === "read" ? readBytesPerSecond : writeBytesPerSecond;
}
