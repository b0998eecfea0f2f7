import "server-only";
import { existsSync } from "node:fs";
import { join } from "node:path";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Whether the database is the one that the console brought along: on loopback, and remembered in the data folder. */
export function databaseIsEmbedded({
  databaseUrl,
  dataDir,
}: {
  databaseUrl: string;
  dataDir: string;
}): boolean {
  return (
    LOOPBACK.has(new URL(databaseUrl).hostname) &&
    existsSync(/* turbopackIgnore: true */ join(dataDir, "postgres.json"))
  );
}
