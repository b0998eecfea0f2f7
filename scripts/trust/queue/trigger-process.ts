import { database } from "../../../lib/db/client.ts";
import { startTask } from "../../../lib/queue/start-task.ts";
import { WHOLE_RULE } from "../../../lib/schemas/task.ts";

/** A process that triggers the rule RULE_ID COUNT times at once when it is told to, and prints what it was answered. */
const { RULE_ID = "", COUNT = "0" } = process.env;

await database().execute("select 1");
process.once("message", () => {
  fire().then((answers) => process.stdout.write(JSON.stringify(answers), () => process.exit(0)));
});
process.send?.("ready");

async function fire(): Promise<object[]> {
  const one = async () => {
    try {
      const { joined } = await database().transaction((tx) =>
        startTask(tx, { ruleId: RULE_ID, trigger: "manual", scope: WHOLE_RULE, userId: null }),
      );
      return { joined };
    } catch (error) {
      return { error: String(error) };
    }
  };
  return Promise.all(Array.from({ length: Number(COUNT) }, one));
}
