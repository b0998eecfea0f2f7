import { join } from "node:path";
import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../lib/db/embedded.ts";
import { ROOT } from "../root.ts";

/** The database of a test run need not survive a power cut. */
const CARELESS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" };
const DATABASE_FOLDER = join(ROOT, ".test/database");

/** A Postgres for the run, unless TEST_DATABASE_URL names one already. */
export async function withDatabase<T>(run: (env: { TEST_DATABASE_URL: string }) => Promise<T>): Promise<T> {
  if (process.env.TEST_DATABASE_URL) {
    return run({ TEST_DATABASE_URL: process.env.TEST_DATABASE_URL });
  }
  await removeEmbeddedPostgres(DATABASE_FOLDER);
  const postgres = await startEmbeddedPostgres({ dataDir: DATABASE_FOLDER, settings: CARELESS });
  try {
    return await run({ TEST_DATABASE_URL: postgres.adminUrl });
  } finally {
    await removeEmbeddedPostgres(DATABASE_FOLDER);
  }
}
