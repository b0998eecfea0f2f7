import { randomUUID } from "node:crypto";
import { database } from "../../../lib/db/client.ts";
import { taskJoins, tasks } from "../../../lib/db/schema/tasks.ts";
import { openLink } from "../../../lib/testing/link.ts";
import { seedInstance, seedRule } from "../../../lib/testing/seed.ts";
import { meets, type TrustCase } from "../trust-case.ts";
import { until } from "./scene.ts";
import { startWeb } from "./web.ts";

export const fe09: TrustCase = {
  id: "FE09",
  title:
    "the console is killed between a trigger and its reply: sent again under the same key it is exactly one task",
  async run(trust) {
    const url = await trust.database();
    const instances = [await seedInstance(database()), await seedInstance(database())] as const;
    const web = await startWeb(trust, url);
    const link = await openLink(Number(new URL(web.origin).port));
    trust.cleanup(link.close);
    const rounds = trust.full ? 10 : 2;
    for (let round = 1; round <= rounds; round++) {
      const ruleId = await seedRule(database(), {
        sourceInstanceId: instances[0],
        targetInstanceIds: [instances[1]],
      });
      const call = { name: "triggerRuleAction", input: { ruleId }, submissionKey: randomUUID() };
      const count = () => database().$count(tasks);
      link.holdAnswers(true);
      const lost = web.act({ ...call, via: link.origin }).then(
        () => "answered",
        () => "lost",
      );
      // Every other time it is killed somewhere before the commit instead.
      if (round % 2 === 0) {
        await until("the task is committed", 20_000, async () => (await count()) === round);
      } else {
        await new Promise((later) => setTimeout(later, trust.random() * 40));
      }
      await web.kill();
      link.holdAnswers(false);
      link.reset();
      meets((await lost) === "lost", "the reply arrived though the console was killed");
      await web.start();
      const answers = [await web.act(call), await web.act(call)];
      for (const { status, text } of answers) {
        meets(status === 200 && /"status":"ok"/.test(text), `sent again: ${status} ${text.slice(0, 300)}`);
      }
      meets((await count()) === round, `${await count()} tasks after ${round} triggers`);
    }
    const joins = await database().$count(taskJoins);
    meets(joins === 0, `${joins} triggers joined a task`);
    return `${rounds} triggers, each sent three times across a kill: ${rounds} tasks, 0 joined`;
  },
};
