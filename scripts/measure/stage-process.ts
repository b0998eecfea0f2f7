// One seeded console for `npm run shots` and `npm run budgets`: a process of its own, since lib/config reads its settings once a
// process. `node scripts/measure/stage-process.ts <variant> <workers>`, with an IPC channel; ends when that closes.
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../lib/db/client.ts";
import { removeEmbeddedPostgres } from "../../lib/db/embedded.ts";
import { sealedBox } from "../../lib/secrets.ts";
import { type SeededConsole, seedConsole } from "../../lib/testing/console-seed.ts";
import { type TestDatabase, testDatabase } from "../../lib/testing/database.ts";
import { temporaryRegistry } from "../../lib/testing/registry/temporary-registry.ts";
import { pushDemoContent } from "../demo/content.ts";
import { ROOT } from "../root.ts";
import { AT_ONCE, type Stack, startStack } from "../stack.ts";
import { holdReads } from "./held-database.ts";
import { seededWorker } from "./seeded-worker.ts";
import { isHeld, NOTHING_SEEDED, PASSWORD, type StageFacts, type StageVariant } from "./stage-facts.ts";

/** What is shown and thrown away need not survive a power cut. */
const CARELESS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
const NOT_OURS = ["SECRET_KEY", "SECRET_KEY_FILE", "ROOT_PASSWORD", "PUBLIC_URL", "HOST", "PORT"];

const variant = process.argv[2] as StageVariant;
const dataDir = join(ROOT, ".test/stage", variant);

interface Opened {
  facts: StageFacts;
  hold: () => Promise<void>;
  close: () => Promise<void>;
}

async function open(workers: number): Promise<Opened> {
  await removeEmbeddedPostgres(dataDir);
  mkdirSync(join(ROOT, "reports"), { recursive: true });
  const log = createWriteStream(join(ROOT, `reports/stage-${variant}.log`));
  const given: TestDatabase | null = process.env.TEST_DATABASE_URL ? await testDatabase() : null;
  const ours = Object.fromEntries(NOT_OURS.map((name) => [name, ""]));
  const stack = await startStack({
    dataDir,
    port: 0,
    workers,
    databaseSettings: CARELESS,
    env: { ...ours, EGRESS_ALLOW: "127.0.0.0/8", DATABASE_URL: given?.url ?? "" },
    onLine: (source, line) => {
      log.write(`${source}: ${line}\n`);
    },
  });
  const lab = await labRegistries();
  let held: { end: () => Promise<void> } | undefined;
  const worker = variant === "empty" ? null : await seededWorker(stack.databaseUrl);
  const now = Date.now();
  const seeded = worker ? await fill(stack, { addresses: lab.addresses, now }) : NOTHING_SEEDED;
  await worker?.goOnFrom(now);
  return {
    facts: {
      origin: stack.origin,
      setupUrl: stack.setupUrl,
      webPid: stack.web.pid ?? 0,
      seeded,
    },
    async hold() {
      held = isHeld(variant) ? await holdReads(stack.databaseUrl, variant) : undefined;
    },
    async close() {
      await Promise.all([worker?.end(), held?.end()]);
      await stack.stop(AT_ONCE);
      await lab.stop();
      log.end();
      await (given ? given.drop() : removeEmbeddedPostgres(dataDir));
    },
  };
}

/** Two real registries, so that the form of a rule has something to preview; an empty console registers its own. */
async function labRegistries(): Promise<{ addresses: Record<string, string>; stop: () => Promise<void> }> {
  if (variant !== "full") {
    return { addresses: {}, stop: async () => undefined };
  }
  const [lab, mirror] = [await temporaryRegistry({}), await temporaryRegistry({})];
  await pushDemoContent(lab.origin);
  return {
    addresses: { lab: lab.origin, "lab-mirror": mirror.origin },
    stop: async () => {
      await Promise.all([lab.stop(), mirror.stop()]);
    },
  };
}

async function fill(
  { databaseUrl, secretKeyFile }: Stack,
  { addresses, now }: { addresses: Readonly<Record<string, string>>; now: number },
): Promise<SeededConsole> {
  const chosen = variant === "empty" ? "first-use" : isHeld(variant) ? "full" : variant;
  const { hashPassword } = await import("../../lib/auth/password.ts");
  const { seal } = sealedBox(Buffer.from(readFileSync(secretKeyFile ?? "", "utf8").trim(), "hex"));
  const { db, close } = openDatabase(databaseUrl);
  try {
    const passwordHash = await hashPassword(PASSWORD);
    return await seedConsole(db, { variant: chosen, passwordHash, addresses, seal, now });
  } finally {
    await close();
  }
}

try {
  const { facts, hold, close } = await open(Number(process.argv[3] ?? 0));
  process.once("disconnect", () => void close().then(() => process.exit(0)));
  process.on("message", () => void hold().then(() => process.send?.("held")));
  process.send?.(facts);
} catch (error) {
  process.send?.({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
