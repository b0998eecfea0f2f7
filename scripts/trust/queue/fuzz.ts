import { inArray, sql } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { adoptOrphans } from "../../../lib/jobs/orphans.ts";
import { createSweeper, type Sweeper } from "../../../lib/jobs/sweeper.ts";
import { LeaseLost, TaskGone } from "../../../lib/queue/fence.ts";
import { COPY, SCAN } from "../../../lib/queue/queues.ts";
import { retryFailed } from "../../../lib/queue/retry-failed.ts";
import { deleteRule, stopTask } from "../../../lib/queue/stop-task.ts";
import { OPEN_TASK_STATUSES } from "../../../lib/schemas/task.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import type { Trust } from "../trust-case.ts";
import { claimJobs, type HeldJob, stepOf, straight } from "./fuzz-jobs.ts";
import { trigger } from "./world.ts";

const RULES = 8;

/** Rules, workers and people who do things to their tasks, in an order that chance makes. */
export class Fuzz {
  events = 0;
  /** Refused by the product: lost leases, what is no longer there, what may not be done now. */
  refused = 0;
  readonly unexpected: string[] = [];
  readonly #trust: Trust;
  readonly #sweeper: Sweeper;
  readonly #instances: readonly [string, string, string];
  readonly #rules: string[] = [];
  readonly #held: HeldJob[] = [];
  /** Their worker died, or sleeps; some write all the same. */
  readonly #dead: HeldJob[] = [];

  private constructor(trust: Trust, instances: readonly [string, string, string]) {
    this.#trust = trust;
    this.#instances = instances;
    this.#sweeper = createSweeper(database());
    trust.cleanup(() => this.#sweeper.close());
  }

  static async begin(trust: Trust): Promise<Fuzz> {
    const [a, b, c] = [
      await seedInstance(database()),
      await seedInstance(database()),
      await seedInstance(database()),
    ];
    const fuzz = new Fuzz(trust, [a, b, c]);
    for (let n = 0; n < RULES; n++) {
      await fuzz.#seedRule();
    }
    return fuzz;
  }

  async next(): Promise<void> {
    this.events++;
    if (this.events % 1_000 === 0) {
      this.#trust.step(`${this.events} events`);
    }
    const chance = this.#trust.random();
    const event = EVENTS.find(([share]) => chance < share)?.[1] ?? "work";
    try {
      await this[event]();
    } catch (error) {
      const known = error instanceof LeaseLost || error instanceof TaskGone;
      if (known || (error instanceof Error && error.name === "AppError")) {
        this.refused++;
      } else {
        this.unexpected.push(`${event}: ${String(error)} ${String((error as Error).cause ?? "")}`);
      }
    }
  }

  /** Everything that is left goes its straight way: no task may hang. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      await this.#age();
      await this.#sweeper.sweep();
      await adoptOrphans(database());
      const jobs = [...this.#held.splice(0), ...(await claimJobs(SCAN, 50)), ...(await claimJobs(COPY, 50))];
      for (const job of jobs) {
        try {
          while ((await stepOf(job, straight)) === "goes on") {
            // Until it is gone.
          }
        } catch (error) {
          if (!(error instanceof LeaseLost || error instanceof TaskGone)) {
            throw error;
          }
        }
      }
      const open = await database().$count(tasks, inArray(tasks.status, [...OPEN_TASK_STATUSES]));
      if (jobs.length === 0 && open === 0) {
        return;
      }
    }
  }

  async trigger(): Promise<void> {
    await trigger(this.#pick(this.#rules));
  }

  async claim(): Promise<void> {
    this.#held.push(...(await claimJobs(this.#trust.random() < 0.4 ? SCAN : COPY, 2)));
  }

  async work(): Promise<void> {
    await this.#step(this.#take(this.#held), this.#held);
  }

  async #step(job: HeldJob | undefined, keptIn: HeldJob[]): Promise<void> {
    if (!job) {
      return;
    }
    try {
      if ((await stepOf(job, this.#trust.random)) === "goes on") {
        keptIn.push(job);
      }
    } catch (error) {
      // Whatever became of it, nobody works at it any more.
      this.#dead.push(job);
      throw error;
    }
  }

  async die(): Promise<void> {
    const job = this.#take(this.#held);
    if (job) {
      this.#dead.push(job);
    }
  }

  async wake(): Promise<void> {
    await this.#step(this.#take(this.#dead), this.#dead);
  }

  async stop(): Promise<void> {
    const taskId = await this.#anyTask();
    if (taskId) {
      await database().transaction((tx) => stopTask(tx, { taskId, userId: null }));
    }
  }

  async retry(): Promise<void> {
    const taskId = await this.#anyTask();
    if (taskId) {
      await database().transaction((tx) => retryFailed(tx, { taskId, userId: null }));
    }
  }

  async sweep(): Promise<void> {
    await this.#age();
    await this.#sweeper.sweep();
  }

  async adopt(): Promise<void> {
    await this.#age();
    await adoptOrphans(database());
  }

  /** Somebody reached into the tables of the queue. */
  async loseJob(): Promise<void> {
    await database().execute(sql`
      delete from pgboss.job where id in (
        select id from pgboss.job where name in ('scan', 'copy') and state < 'active' limit 1 for update skip locked)`);
  }

  async deleteRule(): Promise<void> {
    const [ruleId] = this.#rules.splice(Math.floor(this.#trust.random() * this.#rules.length), 1);
    await this.#seedRule();
    if (ruleId) {
      await database().transaction((tx) => deleteRule(tx, ruleId));
    }
  }

  /** Time passes for those whose worker is dead, and for tasks that nobody touches. */
  async #age(): Promise<void> {
    const dead = this.#dead.map(({ lease }) => lease.jobId);
    await database().execute(sql`
      update pgboss.job set heartbeat_on = now() - interval '1 hour'
      where state = 'active' and id = any (${sql.param(dead)}::uuid[])`);
    await database().execute(sql`
      update tasks set updated_at = now() - interval '1 hour' where id in (
        select id from tasks where ended_at is null for no key update skip locked)`);
  }

  async #anyTask(): Promise<string | undefined> {
    const { rows } = await database().execute<{ id: string }>(sql`
      select id from tasks order by (ended_at is null) desc, id desc limit 30`);
    return rows.length > 0 ? this.#pick(rows).id : undefined;
  }

  async #seedRule(): Promise<void> {
    const [sourceInstanceId, ...targetInstanceIds] = this.#instances;
    this.#rules.push(await seedRule(database(), { sourceInstanceId, targetInstanceIds }));
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#trust.random() * from.length)] as T;
  }

  #take(from: HeldJob[]): HeldJob | undefined {
    return from.splice(Math.floor(this.#trust.random() * from.length), 1)[0];
  }
}

/** Upper ends of shares of all events; the rest is work. */
const EVENTS: readonly (readonly [
  number,
  Exclude<keyof Fuzz, "events" | "refused" | "unexpected" | "next" | "finish">,
])[] = [
  [0.05, "trigger"],
  [0.15, "claim"],
  [0.17, "die"],
  [0.18, "wake"],
  [0.195, "stop"],
  [0.21, "retry"],
  [0.22, "sweep"],
  [0.23, "adopt"],
  [0.235, "loseJob"],
  [0.237, "deleteRule"],
];
