import { eq, inArray } from "drizzle-orm";
import { database } from "../../../lib/db/client.ts";
import { rules } from "../../../lib/db/schema/rules.ts";
import { tasks } from "../../../lib/db/schema/tasks.ts";
import { OPEN_TASK_STATUSES } from "../../../lib/schemas/task.ts";
import { faultsOfEndedTask } from "../../../lib/testing/task-figures.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { Fuzz } from "./fuzz.ts";
import { movesSeen, watchMoves } from "./oracle.ts";

const LANES = 4;

export const b7: TrustCase = {
  id: "B7",
  title: "states move along the documented graph only, whatever happens in whatever order",
  async run(trust) {
    await trust.database();
    await watchMoves();
    const fuzz = await Fuzz.begin(trust);
    const events = trust.full ? 10_000 : 600;
    const lanes = Array.from({ length: LANES }, async () => {
      while (fuzz.events < events && fuzz.unexpected.length === 0) {
        await fuzz.next();
      }
    });
    await Promise.all(lanes);
    await fuzz.finish();
    const { illegal, wrong, count } = await movesSeen();
    const open = await database().$count(tasks, inArray(tasks.status, [...OPEN_TASK_STATUSES]));
    const faults = await faultsOfAll();
    const figure =
      `${illegal.length} illegal moves, ${wrong.length} tasks ended too early or changed after it, ${open} left open, ` +
      `${faults.length} with wrong counters: ${count} moves in ${fuzz.events} events (${fuzz.refused} refused)`;
    const details = [...fuzz.unexpected, ...illegal, ...wrong, ...faults].slice(0, 5);
    meets(details.length === 0 && open === 0, [figure, ...details].join("; "));
    return figure;
  },
};

/** Every task of a rule that is still there. */
async function faultsOfAll(): Promise<string[]> {
  const rows = await database()
    .select({ id: tasks.id })
    .from(tasks)
    .innerJoin(rules, eq(rules.id, tasks.ruleId));
  const faults: string[] = [];
  for (const { id } of rows) {
    faults.push(...(await faultsOfEndedTask(database(), id)));
  }
  return faults;
}
