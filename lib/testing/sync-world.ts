import { setTimeout as sleep } from "node:timers/promises";
import { closeDatabase, database } from "../db/client.ts";
import { rules } from "../db/schema/rules.ts";
import { type ClientRegistry, clientOf, skopeoDigest, skopeoPull } from "./clients.ts";
import { type Artifact, image, layer } from "./content.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { type DockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import type { Intercept } from "./registry/exchange.ts";
import { temporaryRegistry } from "./registry/temporary-registry.ts";
import { seedInstance, seedRule } from "./seed.ts";
import { faultsOfEndedTask } from "./task-figures.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

const MIB = 1024 * 1024;

/** An image that is copied in a moment. */
export const smallImage = (seed: string): Artifact => image({ layers: [layer(seed, 20_000)] });
/** An image with one layer that takes a while. */
export const bigImage = (seed: string, sizeMib = 8): Artifact =>
  image({ layers: [layer(seed, sizeMib * MIB)] });

export interface PairOptions {
  intercept?: Intercept;
  latencyMs?: number;
  override?: boolean;
  /** A source that runs already, instead of one of our own. */
  source?: string;
}

/** A source of our own and a rule from it to the real target, in a namespace that no other pair uses. */
export interface Pair {
  origin: string;
  sourceId: string;
  ruleId: string;
  /** The same at both ends. */
  namespace: string;
}

/** A database, a real target registry, and worker processes. DATABASE_URL of the test's own process names the database. */
export class SyncWorld {
  readonly #database: TestDatabase;
  readonly target: DockerRegistry;
  readonly targetId: string;
  readonly #workers: WorkerProcess[] = [];
  readonly #cleanUps: (() => Promise<unknown>)[] = [];
  #serial = 0;

  private constructor(database: TestDatabase, target: DockerRegistry, targetId: string) {
    this.#database = database;
    this.target = target;
    this.targetId = targetId;
  }

  /** `before` puts something before the target, and names the address at which workers find it. */
  static async open(
    prepare: (url: string) => Promise<void>,
    { before }: { before?: (origin: string) => Promise<string> } = {},
  ): Promise<SyncWorld> {
    const testDb = await testDatabase();
    process.env.DATABASE_URL = testDb.url;
    await prepare(testDb.url);
    const target = await startDockerRegistry();
    const address = (await before?.(target.origin)) ?? target.origin;
    return new SyncWorld(testDb, target, await seedInstance(database(), address));
  }

  /** What workers are told. */
  get databaseUrl(): string {
    return this.#database.url;
  }

  async worker(env: Record<string, string> = {}): Promise<WorkerProcess> {
    const started = await startWorkerProcess({
      DATABASE_URL: this.#database.url,
      SECRET_KEY: "00".repeat(32),
      ...env,
    });
    this.#workers.push(started);
    return started;
  }

  async pair(options: PairOptions = {}): Promise<Pair> {
    const { override, source: running, ...registry } = options;
    const origin = running ?? (await this.#source(registry));
    const sourceId = await seedInstance(database(), origin);
    this.#serial += 1;
    const namespace = `ns${this.#serial}`;
    const ruleId = await seedRule(database(), {
      sourceInstanceId: sourceId,
      targetInstanceIds: [this.targetId],
      sourceNamespace: namespace,
      override: override ?? false,
    });
    return { origin, sourceId, ruleId, namespace };
  }

  async #source(options: Pick<PairOptions, "intercept" | "latencyMs">): Promise<string> {
    const source = await temporaryRegistry(options);
    this.#cleanUps.push(source.stop);
    return source.origin;
  }

  async task(taskId: string) {
    const task = await database().query.tasks.findFirst({ where: (row, { eq }) => eq(row.id, taskId) });
    if (!task) {
      throw new Error(`no task ${taskId}`);
    }
    return task;
  }

  transfers(taskId: string) {
    return database().query.transfers.findMany({
      where: (row, { eq }) => eq(row.taskId, taskId),
      orderBy: (row, { asc }) => [asc(row.repository), asc(row.tag)],
    });
  }

  /**
   * Waits for the end of a task. `look` sees it as it goes.
   * @throws after `timeoutMs`; when its counters are not the sum of its transfers, or something of it is left at work
   */
  async ended(
    taskId: string,
    { timeoutMs = 60_000, look }: { timeoutMs?: number; look?: (status: string) => Promise<void> } = {},
  ) {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const task = await this.task(taskId);
      await look?.(task.status);
      if (task.endedAt !== null) {
        const faults = await faultsOfEndedTask(database(), taskId);
        if (faults.length > 0) {
          throw new Error(`task ${taskId} ended ${task.status}, but ${faults.join("; ")}`);
        }
        return task;
      }
      if (Date.now() > deadline) {
        throw new Error(`still open after ${timeoutMs} ms: ${JSON.stringify(task)}`);
      }
      await sleep(25);
    }
  }

  get client(): ClientRegistry {
    return clientOf(this.target, { plainHttp: true });
  }

  /**
   * Has an independent client pull a tag of the target and hash it byte for byte.
   * @throws when it is not the artifact, or a byte is wrong
   */
  async expectPullable(repository: string, tag: string, { manifest }: Artifact): Promise<void> {
    const digest = await skopeoDigest(this.client, repository, tag);
    if (digest !== manifest.digest) {
      throw new Error(`${repository}:${tag} is ${digest} at the target, not ${manifest.digest}`);
    }
    const blobs = await skopeoPull(this.client, repository, tag);
    if (blobs.length === 0) {
      throw new Error(`${repository}:${tag} came without a blob`);
    }
  }

  /** Ends the workers and sources of one test, and deletes its rules with their tasks and jobs. */
  async clean(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end()));
    await Promise.all(this.#cleanUps.splice(0).map((cleanUp) => cleanUp()));
    await database().delete(rules);
    await database().execute("delete from pgboss.job where name in ('scan', 'copy')");
  }

  async close(): Promise<void> {
    await this.clean();
    await this.target.stop();
    await closeDatabase();
    await this.#database.drop();
  }
}

/** A figure for whoever reads the test's output. */
export function measured(figure: string): void {
  process.stdout.write(`    ${figure}\n`);
}
