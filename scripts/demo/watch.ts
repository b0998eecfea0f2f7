import { setTimeout as sleep } from "node:timers/promises";
import { eq, inArray } from "drizzle-orm";
import { database } from "../../lib/db/client.ts";
import { instances } from "../../lib/db/schema/instances.ts";
import { rules, ruleTargets } from "../../lib/db/schema/rules.ts";
import { tasks } from "../../lib/db/schema/tasks.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { OPEN_TASK_STATUSES } from "../../lib/schemas/task.ts";

export type WatchedTask = typeof tasks.$inferSelect & { ruleName: string; targetName: string };

const LOOK_MS = 150;
/** Without a terminal a line this often is enough. */
const LINE_MS = 500;
const TIMEOUT_MS = 150_000;
const BAR = 24;

/** Shows the tasks until all have ended, and returns them. @throws after 150 s */
export async function watchTasks(taskIds: readonly string[]): Promise<WatchedTask[]> {
  const show = process.stdout.isTTY ? liveLines() : periodicLines();
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const current = await load(taskIds);
    const ended = current.every(({ status }) => !OPEN_TASK_STATUSES.some((open) => open === status));
    show(current.map(lineOf), ended);
    if (ended) {
      return current;
    }
    if (Date.now() > deadline) {
      throw new Error(`the first sync has not ended within ${TIMEOUT_MS / 1000} s; is a worker running?`);
    }
    await sleep(LOOK_MS);
  }
}

async function load(taskIds: readonly string[]): Promise<WatchedTask[]> {
  const rows = await database()
    .select({ task: tasks, ruleName: rules.name, targetName: instances.name })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId))
    .innerJoin(ruleTargets, eq(ruleTargets.ruleId, rules.id))
    .innerJoin(instances, eq(instances.id, ruleTargets.instanceId))
    .where(inArray(tasks.id, [...taskIds]))
    .orderBy(tasks.id);
  // A rule may have got a second target since: one line a task.
  const byId = new Map<string, WatchedTask>();
  for (const { task, ruleName, targetName } of rows) {
    const others = byId.get(task.id)?.targetName;
    const names = others === undefined ? targetName : `${others}, ${targetName}`;
    byId.set(task.id, { ...task, ruleName, targetName: names });
  }
  return [...byId.values()];
}

function lineOf(task: WatchedTask): string {
  const done = task.transfersCopied + task.transfersUpToDate + task.transfersSkipped;
  const ended = done + task.transfersFailed + task.transfersStopped;
  const moved = task.bytesCopied + task.bytesMounted + task.bytesSkipped;
  // Transfers and bytes both tell how far it is; the scan must have ended for either to be a share of the whole.
  const share = task.scanEndedAt === null ? 0 : ended / Math.max(1, task.transfersTotal);
  const filled = Math.round(share * BAR);
  const bar = "█".repeat(filled) + "░".repeat(BAR - filled);
  const failed = task.transfersFailed === 0 ? "" : `  ${task.transfersFailed} failed`;
  return (
    `  ${task.ruleName.padEnd(22)} → ${padWide(task.targetName, 8)}  ${bar}  ` +
    `${task.status.padEnd(9)} ${ended}/${task.transfersTotal} tags  ${formatBytes(moved)}${failed}`
  );
}

/** A Chinese character is two columns wide. */
function padWide(text: string, columns: number): string {
  const width = [...text].reduce((sum, character) => sum + (/\p{Script=Han}/u.test(character) ? 2 : 1), 0);
  return text + " ".repeat(Math.max(0, columns - width));
}

type Show = (lines: string[], ended: boolean) => void;

function liveLines(): Show {
  let drawn = 0;
  return (lines) => {
    const up = drawn === 0 ? "" : `\x1b[${drawn}A`;
    process.stdout.write(up + lines.map((line) => `\x1b[2K${line}\n`).join(""));
    drawn = lines.length;
  };
}

function periodicLines(): Show {
  let nextMs = 0;
  return (lines, ended) => {
    if (ended || Date.now() >= nextMs) {
      nextMs = Date.now() + LINE_MS;
      console.log(lines.join("\n"));
    }
  };
}
