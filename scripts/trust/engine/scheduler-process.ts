// A scheduler that a test tells what time it is: for each line of standard input, an instant, it fires what is due by then and answers how many.
import { createInterface } from "node:readline";
import { closeDatabase, database } from "../../../lib/db/client.ts";
import { fireSchedules } from "../../../lib/jobs/schedule.ts";
import { closeBoss } from "../../../lib/queue/boss.ts";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await fireSchedules(database(), new Date(line))}\n`);
}
await closeBoss();
await closeDatabase();
