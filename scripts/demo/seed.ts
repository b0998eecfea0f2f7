// A process of the demo: fills the first registry, registers all three, makes root and three rules, triggers the first sync
// and shows it to its end. `node scripts/demo/seed.ts <data folder> <origin of the console>`, with the environment of its processes.
// Exits 0 only if every transfer succeeded.
import { eq } from "drizzle-orm";
import { closeDatabase, database } from "../../lib/db/client.ts";
import { users } from "../../lib/db/schema/people.ts";
import { closeBoss, sendJobs } from "../../lib/queue/boss.ts";
import { HEALTH } from "../../lib/queue/queues.ts";
import { startTask } from "../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../lib/schemas/task.ts";
import { pushDemoContent } from "./content.ts";
import { ensureEventAddresses, writeNotifications } from "./notifications.ts";
import { type PlaceAddresses, readAddresses } from "./places.ts";
import { ensureInstances, ensureRoot, ensureRules } from "./register.ts";
import { printAddresses, printTask } from "./summary.ts";
import { watchTasks } from "./watch.ts";

async function triggerRules(ruleIds: readonly string[]): Promise<string[]> {
  const [root] = await database().select({ id: users.id }).from(users).where(eq(users.role, "root")).limit(1);
  const started: string[] = [];
  for (const ruleId of ruleIds) {
    const task = await database().transaction((tx) =>
      startTask(tx, { ruleId, trigger: "manual", scope: WHOLE_RULE, userId: root?.id ?? null }),
    );
    started.push(task.taskId);
  }
  return started;
}

async function seed(dataDir: string, consoleOrigin: string): Promise<boolean> {
  const addresses = readAddresses(dataDir) as PlaceAddresses;
  console.log("filling 上海 with images and charts …");
  const tags = await pushDemoContent(addresses.shanghai.origin);
  console.log(`上海 holds ${tags} tags`);
  const password = await ensureRoot();
  if (password !== null) {
    // At once: were the rest to fail, nobody could sign in.
    console.log(`root's one-time password: ${password}`);
  }
  const { ruleIds, notifications } = await database().transaction(async (tx) => {
    const ids = await ensureInstances(tx, addresses);
    await sendJobs(tx, HEALTH, [{ data: { unknownOnly: true } }]);
    return {
      ruleIds: await ensureRules(tx, ids),
      notifications: await ensureEventAddresses(tx, ids, { dataDir, consoleOrigin }),
    };
  });
  writeNotifications(dataDir, notifications);
  console.log("\nfirst sync");
  const ended = await watchTasks(await triggerRules(ruleIds));
  let good = true;
  for (const task of ended) {
    good = (await printTask(task)) && good;
  }
  printAddresses(addresses);
  console.log(
    password === null
      ? "  sign in:    root exists already; its password was printed at the first start"
      : `  sign in:    root / ${password}   (shown this once)`,
  );
  return good;
}

const [, , dataDir = "", consoleOrigin = ""] = process.argv;
if (dataDir === "" || consoleOrigin === "") {
  console.error("scripts/demo/seed.ts is started by npm run demo");
  process.exit(2);
}
try {
  process.exitCode = (await seed(dataDir, consoleOrigin)) ? 0 : 1;
} finally {
  await closeBoss();
  await closeDatabase();
}
