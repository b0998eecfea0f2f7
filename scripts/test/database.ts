import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../lib/db/embedded.ts";
import { isAlive } from "../process-alive.ts";
import { ROOT } from "../root.ts";

/** The database of a test run need not survive a power cut. */
const CARELESS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" };
const FOLDER = join(ROOT, ".test");
/** Of one run: two at once in one checkout do not take each other's. */
const NAME = /^database-(\d+)$/;

/** A Postgres for the run, unless TEST_DATABASE_URL names one already. */
export async function withDatabase<T>(run: (env: { TEST_DATABASE_URL: string }) => Promise<T>): Promise<T> {
  if (process.env.TEST_DATABASE_URL) {
    return run({ TEST_DATABASE_URL: process.env.TEST_DATABASE_URL });
  }
  await removeLeftovers();
  const dataDir = join(FOLDER, `database-${process.pid}`);
  const postgres = await startEmbeddedPostgres({ dataDir, settings: CARELESS });
  try {
    return await run({ TEST_DATABASE_URL: postgres.adminUrl });
  } finally {
    await removeEmbeddedPostgres(dataDir);
  }
}

/** What runs left behind that were killed: their servers live on. */
async function removeLeftovers(): Promise<void> {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  for (const name of names) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await removeEmbeddedPostgres(join(FOLDER, name));
    }
  }
}
