import type { Database } from "../db/client.ts";

const UUID = /^[0-9a-f-]{36}$/;

/**
 * What is wrong about a task that has ended; empty when nothing is. Its own counters must be the sum of its transfers,
 * bytes included; no transfer may be open, and neither placements nor waiting jobs may be left.
 */
export async function faultsOfEndedTask(db: Database, taskId: string): Promise<string[]> {
  const task = await db.query.tasks.findFirst({ where: (row, { eq }) => eq(row.id, taskId) });
  const rows = await db.query.transfers.findMany({ where: (row, { eq }) => eq(row.taskId, taskId) });
  const placed = await db.query.placements.findMany({ where: (row, { eq }) => eq(row.taskId, taskId) });
  if (!task || !UUID.test(taskId)) {
    return [`there is no task ${taskId}`];
  }
  const jobs = await db.execute(
    `select id from pgboss.job where group_id = '${taskId}' and name in ('scan', 'copy') and state < 'active'`,
  );
  const having = (status: string) => rows.filter((row) => row.status === status).length;
  const sum = (bytes: (row: (typeof rows)[number]) => number | null) =>
    rows.reduce((total, row) => total + (bytes(row) ?? 0), 0);
  const figures: [string, number, number][] = [
    ["total", task.transfersTotal, rows.length],
    ["running", task.transfersRunning, having("running")],
    ["copied", task.transfersCopied, having("copied")],
    ["up to date", task.transfersUpToDate, having("up-to-date")],
    ["skipped", task.transfersSkipped, having("skipped")],
    ["failed", task.transfersFailed, having("failed")],
    ["stopped", task.transfersStopped, having("stopped")],
    ["repositories", task.repositories, new Set(rows.map(({ repository }) => repository)).size],
    ["bytes", task.bytesTotal, sum(({ sizeBytes }) => sizeBytes)],
    ["bytes copied", task.bytesCopied, sum(({ bytesCopied }) => bytesCopied)],
    ["bytes mounted", task.bytesMounted, sum(({ bytesMounted }) => bytesMounted)],
    ["bytes skipped", task.bytesSkipped, sum(({ bytesSkipped }) => bytesSkipped)],
    ["transfers open", 0, rows.filter(({ endedAt }) => endedAt === null).length],
    ["placements left", 0, placed.length],
    ["jobs waiting", 0, jobs.rows.length],
  ];
  return figures
    .filter(([, counted, found]) => counted !== found)
    .map(([name, counted, found]) => `${name}: the task says ${counted}, found ${found}`);
}
