import { and, inArray, lt, ne, sql } from "drizzle-orm";
import { config } from "../config.ts";
import { events } from "../db/schema/events.ts";
import { instanceChecks, scheduleRuns, submissions, taskSamples } from "../db/schema/history.ts";
import { jobLeases } from "../db/schema/installation.ts";
import { noticeDeliveries } from "../db/schema/notices.ts";
import { sessions, signInFailures } from "../db/schema/people.ts";
import { tasks } from "../db/schema/tasks.ts";
import { RETENTION_DAYS } from "../schemas/words.ts";
import { purgeDeletions } from "./deletions/purge-deletions.ts";
import type { JobHandler } from "./job.ts";
import { cancelLeftUploads } from "./left-uploads.ts";
import { purgeLeftovers } from "./purge-job.ts";
import { purgeLag } from "./purge-lag.ts";
import { purgeExpiredTasks } from "./retention.ts";
import { purgeTagClaims } from "./tag-claims.ts";

/**
 * Removes what has expired: sessions, guesses at passwords that no limit counts any more, keys of forms, leases of ended
 * attempts, uploads that nobody goes on with, checks of instances, events that somebody has taken, notices that were sent or given up, old tasks, and what a deletion left behind.
 */
export const housekeepingJob: JobHandler = {
  async run({ draining }, { db, connections }) {
    await db.delete(sessions).where(lt(sessions.expiresAt, sql`now()`));
    await db
      .delete(signInFailures)
      .where(lt(signInFailures.at, sql`now() - make_interval(days => ${RETENTION_DAYS.signInFailures})`));
    await db.delete(submissions).where(lt(submissions.at, sql`now() - interval '1 day'`));
    await db.delete(jobLeases).where(lt(jobLeases.takenAt, sql`now() - interval '7 days'`));
    const longAgo = db
      .select({ id: tasks.id })
      .from(tasks)
      .where(lt(tasks.endedAt, sql`now() - make_interval(days => ${RETENTION_DAYS.taskSamples})`));
    await db.delete(taskSamples).where(inArray(taskSamples.taskId, longAgo));
    await db
      .delete(instanceChecks)
      .where(lt(instanceChecks.at, sql`now() - make_interval(days => ${RETENTION_DAYS.instanceChecks})`));
    await db
      .delete(events)
      .where(
        and(
          lt(events.receivedAt, sql`now() - make_interval(days => ${RETENTION_DAYS.events})`),
          ne(events.state, "accepted"),
        ),
      );
    await db
      .delete(scheduleRuns)
      .where(lt(scheduleRuns.at, sql`now() - make_interval(days => ${RETENTION_DAYS.scheduleRuns})`));
    await db
      .delete(noticeDeliveries)
      .where(
        and(
          lt(noticeDeliveries.createdAt, sql`now() - make_interval(days => ${RETENTION_DAYS.notices})`),
          ne(noticeDeliveries.state, "waiting"),
        ),
      );
    await purgeTagClaims(db);
    await cancelLeftUploads(db, connections, draining);
    await purgeDeletions(db, draining);
    await purgeLag(db);
    await purgeLeftovers(db, draining);
    await purgeExpiredTasks(db, config().taskRetention, draining);
  },
};
