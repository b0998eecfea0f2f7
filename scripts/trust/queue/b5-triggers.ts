import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { and, asc, eq, isNull } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { taskJoins, tasks } from "../../../lib/db/schema/tasks.ts";
import { pushContent } from "../../../lib/testing/push-content.ts";
import { smallImage } from "../../../lib/testing/sync-world.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { movesSeen, watchMoves } from "./oracle.ts";
import { openWorld, until } from "./world.ts";

const SENDER = fileURLToPath(new URL("./trigger-process.ts", import.meta.url));

export const b5: TrustCase = {
  id: "B5",
  title: "a rule that is triggered a thousand times at once never has two tasks at work",
  async run(trust) {
    const size = trust.full ? { processes: 4, each: 250 } : { processes: 2, each: 40 };
    const { sync } = await openWorld(trust);
    await watchMoves();
    const { origin, ruleId, namespace } = await sync.pair();
    await pushContent(origin, `${namespace}/app`, "1", smallImage("triggered"));
    await Promise.all([sync.worker(), sync.worker()]);
    const senders = await Promise.all(
      Array.from({ length: size.processes }, () =>
        startSender({ DATABASE_URL: sync.databaseUrl, RULE_ID: ruleId, COUNT: String(size.each) }),
      ),
    );
    for (const sender of senders) {
      trust.cleanup(() => sender.kill("SIGKILL"));
    }
    const answers = (await Promise.all(senders.map(fire))).flat();
    const open = and(eq(tasks.ruleId, ruleId), isNull(tasks.endedAt));
    await until("every task has ended", 60_000, async () => (await database().$count(tasks, open)) === 0);
    const made = await database().$count(tasks, eq(tasks.ruleId, ruleId));
    const joins = await database().$count(taskJoins);
    const overlaps = await overlapsOf(ruleId);
    const { mostActive, mostPending } = await movesSeen();
    const refused = answers.filter(({ error }) => error !== undefined);
    const joined = answers.filter((answer) => answer.joined).length;
    const figure =
      `${overlaps} overlaps in ${answers.length} triggers from ${size.processes} processes: ${made} tasks, ` +
      `${joined} joined a waiting one, at most ${mostActive} at work and ${mostPending} waiting, ${refused.length} refused`;
    meets(refused.length === 0, `${figure}; ${refused[0]?.error}`);
    meets(overlaps === 0 && mostActive === 1 && mostPending <= 1, figure);
    meets(joined === joins && made + joined === answers.length, `${figure}; ${joins} joins noted`);
    return figure;
  },
};

async function startSender(env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SENDER], {
    env: { PATH: process.env.PATH ?? "", ...env } as unknown as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error("a sender ended at once"))),
  ]);
  return child;
}

interface Answer {
  joined?: boolean;
  error?: string;
}

async function fire(sender: ChildProcess): Promise<Answer[]> {
  sender.send("go");
  if (!sender.stdout) {
    throw new Error("a sender says nothing");
  }
  return JSON.parse(await text(sender.stdout)) as Answer[];
}

/** Ended tasks follow one another: none was claimed before the one before it had ended. */
async function overlapsOf(ruleId: string): Promise<number> {
  const rows = await database()
    .select({ claimedAt: tasks.claimedAt, endedAt: tasks.endedAt })
    .from(tasks)
    .where(eq(tasks.ruleId, ruleId))
    .orderBy(asc(tasks.claimedAt));
  return rows.slice(1).filter(({ claimedAt }, n) => {
    const endedAt = rows[n]?.endedAt;
    return !claimedAt || !endedAt || claimedAt < endedAt;
  }).length;
}
