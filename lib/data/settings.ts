import "server-only";
import { eq, sql } from "drizzle-orm";
import type { Actor } from "../auth/actor.ts";
import { database } from "../db/client.ts";
import { shownFingerprint } from "../db/key-fingerprint.ts";
import { installation } from "../db/schema/installation.ts";
import { users } from "../db/schema/people.ts";
import { REQUEST_RETRIES, RETRY_LIMIT } from "../queue/queues.ts";
import type { SystemFacts, WorkerRow } from "../schemas/settings.ts";
import { recordAudit } from "./audit.ts";
import { notFound } from "./visibility.ts";

/** Tries of a request and of a job, the first one included. */
export const TRIES = { request: REQUEST_RETRIES + 1, job: RETRY_LIMIT + 1 } as const;

/** Single-letter shortcuts of the actor's account, in whichever browser. */
export function setShortcuts(
  actor: Actor<"account:preferences">,
  { enabled }: { enabled: boolean },
): Promise<void> {
  return database().transaction(async (tx) => {
    const { id, username } = actor.user;
    const [user] = id
      ? await tx.select({ preferences: users.preferences }).from(users).where(eq(users.id, id)).for("update")
      : [];
    if (!id || !user) {
      throw notFound();
    }
    await tx
      .update(users)
      .set({ preferences: { ...user.preferences, shortcuts: enabled } })
      .where(eq(users.id, id));
    await recordAudit(tx, actor, {
      outcome: "ok",
      subject: { kind: "user", id, name: username },
      changes: { shortcuts: { before: user.preferences.shortcuts ?? true, after: enabled } },
    });
  });
}

/** Workers and the database of this installation. @throws {AppError} NOT_FOUND for anybody but root */
export async function systemFacts(actor: Actor<"settings:view">): Promise<SystemFacts> {
  if (actor.holds !== "all") {
    throw notFound();
  }
  const [workers, [known], version] = await Promise.all([
    listWorkers(),
    database().select().from(installation),
    database().execute<{ version: string; bytes: string }>(
      sql`select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`,
    ),
  ]);
  const [row] = version.rows;
  return {
    workers,
    databaseVersion: row?.version.split(" ")[0] ?? "",
    databaseBytes: Number(row?.bytes ?? 0),
    keyFingerprint: known ? shownFingerprint(known.keyFingerprint) : null,
    installedAt: known?.createdAt.toISOString() ?? null,
  };
}

interface WorkerRecord extends Record<string, unknown> {
  id: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number | null;
  started_at: Date;
  seen_at: Date;
  alive: boolean;
  jobs: number;
}

/** The lock of a worker is what lib/jobs/liveness.ts holds as long as its process lives. */
async function listWorkers(): Promise<WorkerRow[]> {
  const { rows } = await database().execute<WorkerRecord>(sql`
    select w.id, w.host, w.pid, w.version, w.concurrency, w.started_at, w.seen_at,
      exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and (l.classid::bigint << 32) | l.objid::bigint = w.lock_key
      ) as alive,
      (select count(*)::int from job_leases j where j.worker_id = w.id) as jobs
    from workers w order by w.started_at`);
  return rows.map(({ started_at: startedAt, seen_at: seenAt, ...row }) => ({
    ...row,
    startedAt: new Date(startedAt).toISOString(),
    seenAt: new Date(seenAt).toISOString(),
  }));
}
