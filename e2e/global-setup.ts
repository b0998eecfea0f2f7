import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeEmbeddedPostgres } from "../lib/db/embedded.ts";
import { AT_ONCE, startStack } from "../scripts/stack.ts";

const ROOT = join(import.meta.dirname, "..");
const DATA = join(ROOT, ".test/e2e");

/**
 * A console of its own, as `npm start` runs it, on an empty data folder: nobody is root yet. Tests find it by E2E_ORIGIN and
 * claim it by E2E_SETUP_URL. Registries on loopback are allowed. @returns what stops it
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  await removeEmbeddedPostgres(DATA);
  const log = createWriteStream(join(ROOT, "reports/e2e-console.log"));
  const stack = await startStack({
    dataDir: DATA,
    port: 0,
    env: {
      EGRESS_ALLOW: "127.0.0.0/8",
      DATABASE_URL: "",
      SECRET_KEY: "",
      SECRET_KEY_FILE: "",
      ROOT_PASSWORD: "",
      PUBLIC_URL: "",
    },
    onLine: (source, line) => log.write(`${source}: ${line}\n`),
  });
  process.env.E2E_ORIGIN = stack.origin;
  process.env.E2E_SETUP_URL = stack.setupUrl ?? "";
  return async () => {
    await stack.stop(AT_ONCE);
    log.end();
    await removeEmbeddedPostgres(DATA);
  };
}
