import { and, desc, eq, sql } from "drizzle-orm";
import { fromDrizzle, type PgBoss } from "pg-boss";
import { closeDatabase, database } from "../../db/client.ts";
import { deletionSweeps, deletions, placedTags } from "../../db/schema/deletions.ts";
import { rules, ruleTargets } from "../../db/schema/rules.ts";
import { boss, closeBoss, prepareQueues } from "../../queue/boss.ts";
import { COPY, DELETION, type QueueName, SCAN } from "../../queue/queues.ts";
import { startTask } from "../../queue/start-task.ts";
import { WHOLE_RULE } from "../../schemas/task.ts";
import { type Artifact, image, layer } from "../../testing/content.ts";
import type { TestDatabase } from "../../testing/database.ts";
import { pushContent } from "../../testing/push-content.ts";
import type { Intercept } from "../../testing/registry/exchange.ts";
import type { RunningRegistry } from "../../testing/registry/server.ts";
import { temporaryRegistry } from "../../testing/registry/temporary-registry.ts";
import { seedInstance, seedRule } from "../../testing/seed.ts";
import { type Connections, createConnections } from "../connections.ts";
import { copyJob } from "../copy-job.ts";
import type { JobHandler } from "../job.ts";
import { scanJob } from "../scan-job.ts";
import { deletionJob } from "./deletion-job.ts";
import { sendDueDeletions } from "./due-rows.ts";

export const artifact = (seed: string): Artifact => image({ layers: [layer(seed, 2_000)] });

/** A registry whose answers a test may take over at any time. */
export interface Spoiled extends RunningRegistry {
  spoil(intercept: Intercept | null): void;
}

/** For tests: a database, registries of our own, and the jobs of a worker run one after the other in this process. */
export class DeletionWorld {
  readonly #database: TestDatabase;
  readonly #boss: PgBoss;
  readonly #connections: Connections;
  readonly #registries: RunningRegistry[] = [];
  #serial = 0;

  private constructor(testDb: TestDatabase, queue: PgBoss) {
    this.#database = testDb;
    this.#boss = queue;
    this.#connections = createConnections(database(), { allows: () => true });
  }

  /** DATABASE_URL names this database already. */
  static async open(testDb: TestDatabase): Promise<DeletionWorld> {
    await prepareQueues(testDb.url);
    return new DeletionWorld(testDb, await boss("worker"));
  }

  async close(): Promise<void> {
    await this.#connections.close();
    await Promise.all(this.#registries.map((registry) => registry.stop()));
    await closeBoss();
    await closeDatabase();
    await this.#database.drop();
  }

  async registry(options: { sparseIndexes?: boolean } = {}): Promise<Spoiled> {
    let spoiled: Intercept | null = null;
    const registry = await temporaryRegistry({ ...options, intercept: (given) => spoiled?.(given) });
    this.#registries.push(registry);
    return {
      ...registry,
      spoil: (intercept) => {
        spoiled = intercept;
      },
    };
  }

  /** A rule that follows deletions, from one registry to others, in a namespace that no other rule uses. */
  async rule(
    source: { origin: string },
    targets: readonly { origin: string }[],
    options: { share?: number } = {},
  ) {
    this.#serial += 1;
    const namespace = `ns${this.#serial}`;
    const sourceId = await seedInstance(database(), source.origin);
    const targetIds: string[] = [];
    for (const { origin } of targets) {
      targetIds.push(await seedInstance(database(), origin));
    }
    const ruleId = await seedRule(database(), {
      sourceInstanceId: sourceId,
      targetInstanceIds: targetIds,
      sourceNamespace: namespace,
      override: true,
    });
    await database()
      .update(rules)
      .set({ followDeletions: true, deletionShare: options.share ?? 10 })
      .where(eq(rules.id, ruleId));
    return { ruleId, sourceId, targetIds, namespace, repository: `${namespace}/app` };
  }

  /** Pushes tags, each with content of its own unless it is given one. */
  async push(origin: string, repository: string, tags: readonly string[], content?: Artifact): Promise<void> {
    for (const tag of tags) {
      await pushContent(origin, repository, tag, content ?? artifact(`${repository}:${tag}`));
    }
  }

  /** A task of the whole rule, with everything that follows of it. @returns its id */
  async sync(ruleId: string): Promise<string> {
    const { taskId } = await database().transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: null }),
    );
    await this.work();
    return taskId;
  }

  /** What is pending is due now, and is carried out. */
  async carryOut(ruleId: string): Promise<void> {
    await database()
      .update(deletions)
      // Instants are kept to the millisecond, rounded: now may lie ahead.
      .set({ dueAt: sql`now() - interval '1 second'` })
      .where(and(eq(deletions.ruleId, ruleId), eq(deletions.state, "pending")));
    await sendDueDeletions(database());
    await this.work();
  }

  /** Sends what is due, and runs every job that waits. */
  async work(): Promise<void> {
    for (let done = false; !done; ) {
      done = true;
      for (const queue of [SCAN, COPY, DELETION] as const) {
        done = !(await this.#runNext(queue)) && done;
      }
    }
  }

  async #runNext(queue: QueueName): Promise<boolean> {
    const handlers: Partial<Record<QueueName, JobHandler>> = {
      [SCAN]: scanJob as JobHandler,
      [COPY]: copyJob as JobHandler,
      [DELETION]: deletionJob as JobHandler,
    };
    const [job] = await this.#boss.fetch<object>(queue, { includeMetadata: true });
    if (!job) {
      return false;
    }
    const control = new AbortController();
    const lease = { queue, jobId: job.id, attempt: job.retryCount };
    await handlers[queue]?.run(
      {
        lease,
        data: job.data,
        lastAttempt: true,
        failures: 0,
        signal: control.signal,
        draining: new AbortController().signal,
        abort: () => undefined,
      },
      { db: database(), connections: this.#connections },
    );
    await this.#boss.complete(queue, job.id, null, { db: fromDrizzle(database(), sql) });
    return true;
  }

  /** `tag state reason` of a rule's deletions, in the order of their tags. */
  async states(ruleId: string): Promise<string[]> {
    const rows = await this.rows(ruleId);
    return rows.map(({ tag, state, reason }) => [tag, state, reason].filter(Boolean).join(" "));
  }

  rows(ruleId: string) {
    return database()
      .select()
      .from(deletions)
      .where(eq(deletions.ruleId, ruleId))
      .orderBy(deletions.tag, deletions.targetInstanceId, desc(deletions.id));
  }

  async placed(ruleId: string): Promise<string[]> {
    const rows = await database().select().from(placedTags).where(eq(placedTags.ruleId, ruleId));
    return rows.map(({ tag }) => tag).toSorted();
  }

  async sweep(ruleId: string) {
    const [row] = await database().select().from(deletionSweeps).where(eq(deletionSweeps.ruleId, ruleId));
    return row ? { outcome: row.outcome, missing: row.missing, known: row.known } : null;
  }

  /** Deletes a tag of a registry of our own, as whoever works there would. */
  async remove(origin: string, repository: string, tag: string): Promise<void> {
    await fetch(`${origin}/v2/${repository}/manifests/${tag}`, { method: "DELETE" });
  }

  async tags(origin: string, repository: string): Promise<string[]> {
    const answer = await fetch(`${origin}/v2/${repository}/tags/list`);
    const body = (await answer.json()) as { tags?: string[] | null };
    return (body.tags ?? []).toSorted();
  }

  async pauseTarget(ruleId: string): Promise<void> {
    await database()
      .update(ruleTargets)
      .set({ pausedAt: sql`now()`, pausedReason: "receive-lost" })
      .where(eq(ruleTargets.ruleId, ruleId));
  }
}
